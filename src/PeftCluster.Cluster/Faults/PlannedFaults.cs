using System.Globalization;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Cluster.Faults;

/// <summary>
/// Lets the faults of a plan strike. Each strike is a line of the plan's log before it happens, since a killed process writes nothing
/// any more: <c>POINT ACTION NUMBER MILLISECONDS_SINCE_1970</c>. Safe for several threads.
/// </summary>
public sealed class PlannedFaults(FaultPlan plan, TimeProvider time) : IFaultPoints
{
    /// <summary>A fault that strikes every time would fill the log.</summary>
    private const int MostLines = 20;

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly PhiloxStream _random = new(plan.Seed, "planted faults");
    private readonly int[] _passes = new int[plan.Faults.Count];
    private readonly int[] _strikes = new int[plan.Faults.Count];

    public bool IsPlanted => true;

    public IReadOnlyList<Fault> Pass(string point, int number = 0, string of = "")
    {
        lock (_lock)
            return [.. Enumerable.Range(0, plan.Faults.Count).Where(i => Strikes(i, point, number, of)).Select(i => plan.Faults[i]).Where(fault => !HasDone(fault))];
    }

    public int Draw(int limit)
    {
        lock (_lock)
            return _random.NextBelow(limit);
    }

    public async Task HoldAsync(Fault fault, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (!File.Exists(plan.Log + ".go") && time.GetElapsedTime(started).TotalSeconds < fault.Amount)
            await Task.Delay(_look, time, cancellation);
    }

    private bool Strikes(int i, string point, int number, string of)
    {
        var fault = plan.Faults[i];
        if (fault.Point != point || (fault.At is { } at && at != number) || !of.StartsWith(fault.Of, StringComparison.Ordinal)
            || (fault.Times > 0 && _strikes[i] >= fault.Times) || _passes[i]++ < fault.Skip || (fault.Chance < 1 && _random.NextDouble() >= fault.Chance))
            return false;
        if (_strikes[i]++ < MostLines && !fault.IsSetting)
            File.AppendAllText(plan.Log, string.Create(CultureInfo.InvariantCulture, $"{fault} {number} {time.GetUtcNow().ToUnixTimeMilliseconds()}\n"));
        return true;
    }

    private static bool HasDone(Fault fault)
    {
        switch (fault.Action)
        {
            case FaultAction.Kill: ProcessSignal.Kill(Environment.ProcessId); return true;
            case FaultAction.Stop: ProcessSignal.Stop(Environment.ProcessId); return true;
            case FaultAction.Note: return true;
            default: return false;
        }
    }
}
