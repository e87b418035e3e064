using PeftCluster.Jobs;

namespace PeftCluster.Steps.Seam;

/// <summary>Opens sources of made-up arithmetic. One for each worker, as with real devices: so a planted fault can be one worker's.</summary>
/// <param name="device">The device's name, for example <c>cpu:0</c>.</param>
/// <param name="shape">The adapter's size and planted faults; the same layout on every worker of a job.</param>
public sealed class ArithmeticSourceFactory(string device, ArithmeticShape? shape = null) : IStepSourceFactory
{
    public string Device => device;

    public string NumericClass => "arithmetic";

    public Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (request.Data.Base is { } wanted)
            throw new BadInputException($"its base model is not here: the made-up arithmetic has none, this job's has sha {wanted.Sha256[..8]}….");
        return Task.FromResult<IStepSource>(new ArithmeticSource(request.Job.Training.Seed, shape ?? new ArithmeticShape()));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
