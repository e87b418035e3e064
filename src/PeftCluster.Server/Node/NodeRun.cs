using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Node;

/// <summary>A run that was started on an embedded node: it is watched to its end once, and may be paused or cancelled meanwhile.</summary>
public sealed class NodeRun
{
    private readonly IRunHandle _handle;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _started;

    internal NodeRun(IRunHandle handle, RunHeader header, TimeProvider time, DateTimeOffset started) =>
        (_handle, Header, _time, _started) = (handle, header, time, started);

    public RunHeader Header { get; }

    /// <summary>Finish the step in hand, write a snapshot, end as paused.</summary>
    public void Pause() => _handle.Pause();

    /// <summary>End at once, as cancelled.</summary>
    public void Cancel() => _handle.Cancel();

    /// <summary>Tells the watchers everything that happens, and returns when the run has ended, however it ended.</summary>
    public async Task<RunOutcome> WatchAsync(IRunWatcher watcher)
    {
        var measured = new List<EvaluationDone>();
        RunStarted? started = null;
        watcher.Opened(Header);
        await foreach (var happened in _handle.Events)
        {
            started = happened as RunStarted ?? started;
            if (happened is EvaluationDone done)
                measured.Add(done);
            watcher.Hear(happened);
            if (happened is RunStarted)
                Header.Data.Warnings.ToList().ForEach(text => watcher.Hear(new RunWarning(text)));
            if (happened is RunEnded)
                break;
        }
        var ended = await _handle.Ended;
        return new RunOutcome(Header, started, ended, Evaluations(measured, ended), _time.GetUtcNow() - _started);
    }

    /// <summary>What this attempt measured, of the adapter the version that is the result; for what it did not, what earlier attempts left in metrics.jsonl.</summary>
    private List<MeasuredTarget> Evaluations(IReadOnlyList<EvaluationDone> measured, RunEnded ended)
    {
        var now = measured.OrderByDescending(one => one.Version is not null && one.Version == ended.AdapterVersion).ThenByDescending(one => one.Version).Select(one => new MeasuredTarget(
            one.Target.Adapter, one.Target.Shots, one.Metrics.Loss, one.Metrics.ExactMatch, one.Metrics.PromptTokens, one.Metrics.Rows, one.Metrics.Scores, one.Metrics.Choices));
        var before = _handle.Attempt > 1 && File.Exists(Header.Folder.Metrics) ? RunHistory.Read(Header.Folder.Metrics).Evaluations : [];
        return [.. now.Concat(before).DistinctBy(one => (one.Adapter, one.Shots)).OrderBy(one => one.Adapter).ThenBy(one => one.Shots)];
    }
}
