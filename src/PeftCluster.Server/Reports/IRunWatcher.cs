using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Server.Reports;

/// <summary>
/// Somebody who watches a run: the screen, metrics.jsonl, TensorBoard, the report, the log. Calls come in order and on one
/// thread; what a watcher throws never reaches the run (<see cref="RunWatchers"/>).
/// </summary>
public interface IRunWatcher : IDisposable
{
    /// <summary>Called once, when the run's folder is there and before its first event.</summary>
    void Opened(RunHeader header);

    void Hear(RunEvent happened);
}
