using PeftCluster.Jobs;

namespace PeftCluster.Server.Node;

/// <summary>Where one job's runs go: a cluster in this process, or one elsewhere.</summary>
public interface IRunPlace : IAsyncDisposable
{
    /// <summary>Takes the run's folder and starts the run.</summary>
    /// <exception cref="BadInputException">The folder cannot be used, or the job is refused.</exception>
    Task<NodeRun> SubmitAsync(Jobs.Spec.JobSpec job, string jobPath, SubmitOptions options, CancellationToken cancellation);
}
