namespace PeftCluster.Simulation.Tests;

/// <summary>One direction of a coordinator's network in virtual time: what goes over it at once shares its rate evenly.</summary>
/// <param name="time">The clock.</param>
/// <param name="rate">Bytes a second.</param>
internal sealed class SharedLine(VirtualTime time, double rate)
{
    private readonly List<Flow> _flows = [];
    private DateTimeOffset _since;
    private int _plan;

    /// <summary>Sends so many bytes; then it happens.</summary>
    public void Send(double bytes, Action arrived)
    {
        Advance();
        _flows.Add(new Flow(bytes, arrived));
        PlanNext();
    }

    private void Advance()
    {
        var each = (time.Now - _since).TotalSeconds * rate / Math.Max(1, _flows.Count);
        _since = time.Now;
        foreach (var flow in _flows)
            flow.Left -= each;
    }

    private void PlanNext()
    {
        var plan = ++_plan;
        if (_flows.Count > 0)
            time.After(Math.Max(0, _flows.Min(flow => flow.Left)) * _flows.Count / rate * 1_000, () => Arrive(plan));
    }

    private void Arrive(int plan)
    {
        // Another flow has begun meanwhile, and with it another plan.
        if (plan != _plan)
            return;
        Advance();
        // The clock counts in 100 ns, in which a fast line moves some kilobytes.
        Flow[] whole = [.. _flows.Where(flow => flow.Left <= rate * 1e-6)];
        foreach (var flow in whole)
            _flows.Remove(flow);
        PlanNext();
        foreach (var flow in whole)
            flow.Arrived();
    }

    private sealed class Flow(double left, Action arrived)
    {
        public double Left { get; set; } = left;

        public Action Arrived { get; } = arrived;
    }
}
