namespace PeftCluster.Steps.Seam;

/// <summary>
/// Opens sources for one device: one source per (worker, job), each with its own module tree over the node's shared,
/// immutable base weights. Everything that a device computes runs on the one thread that the device owns.
/// </summary>
public interface IStepSourceFactory : IAsyncDisposable
{
    /// <summary>The device's name: <c>cpu:0</c>, <c>cuda:1</c>.</summary>
    string Device { get; }

    /// <summary>What may change the bits of a gradient here (docs/numerics.md). Workers of one job agree in it.</summary>
    string NumericClass { get; }

    /// <summary>Opens a source for a job.</summary>
    /// <exception cref="Jobs.BadInputException">Model or data are not as the job says, here.</exception>
    Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation);
}
