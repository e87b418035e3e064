namespace PeftCluster.Simulation.Tests;

/// <summary>
/// What happens when, in a time that costs nothing: the next event is taken, and the clock jumps to it. Events of one instant come
/// in the order in which they were planned.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly PriorityQueue<Action, (DateTimeOffset, long)> _events = new();
    private long _planned;

    public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch;

    public long Happened { get; private set; }

    public override DateTimeOffset GetUtcNow() => Now;

    public void After(double milliseconds, Action happens) =>
        _events.Enqueue(happens, (Now.AddMilliseconds(milliseconds), _planned++));

    /// <summary>Lets the next event happen; false where there is none.</summary>
    public bool Next()
    {
        if (!_events.TryDequeue(out var happens, out var when))
            return false;
        Now = when.Item1;
        Happened++;
        happens();
        return true;
    }
}
