using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Server.Reports;

/// <summary>
/// All watchers of a run as one. A watcher that throws is left out from then on, and the others hear of it once, as a
/// warning: a full disk under metrics.jsonl must not end a run, and must not go unseen either.
/// </summary>
public sealed class RunWatchers(IEnumerable<IRunWatcher> watchers) : IRunWatcher
{
    private readonly List<IRunWatcher> _watching = [.. watchers];

    public void Opened(RunHeader header) => Tell(watcher => watcher.Opened(header));

    public void Hear(RunEvent happened) => Tell(watcher => watcher.Hear(happened));

    public void Dispose() => Tell(watcher => watcher.Dispose());

    private void Tell(Action<IRunWatcher> what)
    {
        var warnings = _watching.ToList().Select(watcher => Failure(watcher, what)).OfType<RunWarning>().ToList();
        foreach (var warning in warnings)
            Tell(watcher => watcher.Hear(warning));
    }

    private RunWarning? Failure(IRunWatcher watcher, Action<IRunWatcher> what)
    {
        try
        {
            what(watcher);
            return null;
        }
#pragma warning disable CA1031 // Whatever a watcher throws, the run goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _watching.Remove(watcher);
            return new RunWarning($"{watcher.GetType().Name} stopped: {error.Message.ReplaceLineEndings(" ")}");
        }
    }
}
