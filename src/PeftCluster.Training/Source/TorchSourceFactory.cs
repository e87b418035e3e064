using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Native;

namespace PeftCluster.Training.Source;

/// <summary>Makes the evaluator of a job's held-out rows.</summary>
public delegate HeldOutEvaluator EvaluatorOf(JobSpec job);

/// <summary>
/// One device of this process as a worker sees it: its thread, its numeric class, and sources over prepared data. The process keeps it
/// as long as the device works, since memory of threads that come and go is not given back.
/// </summary>
public sealed class TorchSourceFactory : IStepSourceFactory
{
    private readonly DeviceThread _thread;
    private readonly ITokenRows _train;
    private readonly EvaluatorOf? _evaluators;

    /// <summary>Starts the device's thread and loads libtorch.</summary>
    /// <param name="device">The device.</param>
    /// <param name="threads">resources.threads.</param>
    /// <param name="train">The training rows.</param>
    /// <param name="evaluators">Makes what evaluates held-out rows; null where there are none.</param>
    /// <exception cref="TorchUnavailableException">Libtorch does not load here.</exception>
    public TorchSourceFactory(ComputeDevice device, int threads, ITokenRows train, EvaluatorOf? evaluators = null)
    {
        _thread = new DeviceThread(device, threads);
        (_train, _evaluators) = (train, evaluators);
        NumericClass = Native.NumericClass.Of(device, threads);
    }

    public string Device => _thread.Device.ToString();

    public string NumericClass { get; }

    public Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation) => Task.Run<IStepSource>(
        () => new TorchStepSource(request.Job, _thread, _train, _evaluators?.Invoke(request.Job)), cancellation);

    public ValueTask DisposeAsync() => _thread.DisposeAsync();
}
