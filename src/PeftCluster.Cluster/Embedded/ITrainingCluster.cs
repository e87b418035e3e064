using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Embedded;

/// <summary>
/// A cluster as its user sees it: workers come, runs are submitted one at a time. <c>EmbeddedCluster</c> is the one that
/// lives in this process.
/// </summary>
public interface ITrainingCluster : IAsyncDisposable
{
    /// <summary>Host and port of the node, for people: <c>127.0.0.1:41733</c>.</summary>
    string Address { get; }

    /// <summary>Adds a worker for one device; it offers itself at once. The cluster disposes the factory when it ends.</summary>
    void AddWorker(IStepSourceFactory device);

    /// <summary>
    /// Takes the run's folder and starts the run. Returns when the folder is there and locked, before the first event.
    /// </summary>
    /// <exception cref="BadInputException">
    /// The folder cannot be used: in use by another run, not writable, holds a run (without resume) or another job's run (with it).
    /// </exception>
    Task<IRunHandle> SubmitAsync(RunRequest request, CancellationToken cancellation);
}

/// <summary>A run that was started.</summary>
public interface IRunHandle
{
    string RunId { get; }

    /// <summary>1 for a fresh run, one more for each resume.</summary>
    int Attempt { get; }

    /// <summary>Everything that happens, from the start; the last is <see cref="RunEnded"/>. For one reader; none is lost before it reads.</summary>
    IAsyncEnumerable<RunEvent> Events { get; }

    /// <summary>The end, whatever it is; does not throw.</summary>
    Task<RunEnded> Ended { get; }

    /// <summary>Finish the step in hand, write a snapshot, end as paused.</summary>
    void Pause();

    /// <summary>End at once, as cancelled.</summary>
    void Cancel();
}
