using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Native;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Training.Source;

/// <summary>Makes the evaluator of a job's held-out rows.</summary>
public delegate HeldOutEvaluator EvaluatorOf(JobSpec job);

/// <summary>One device of this process as a worker sees it, over data that this process has prepared: see <see cref="TorchDevice"/>.</summary>
public sealed class TorchSourceFactory : IStepSourceFactory
{
    private readonly TorchDevice _device;
    private readonly ITokenRows _train;
    private readonly EvaluatorOf? _evaluators;
    private readonly string? _baseFolder;

    /// <summary>Starts the device's thread and loads libtorch.</summary>
    /// <param name="device">The device.</param>
    /// <param name="threads">resources.threads.</param>
    /// <param name="train">The training rows.</param>
    /// <param name="evaluators">Makes what evaluates held-out rows; null where there are none.</param>
    /// <param name="baseFolder">Where the base lies; null: at the job's path.</param>
    /// <exception cref="TorchUnavailableException">Libtorch does not load here.</exception>
    public TorchSourceFactory(ComputeDevice device, int threads, ITokenRows train, EvaluatorOf? evaluators = null, string? baseFolder = null) =>
        (_device, _train, _evaluators, _baseFolder) = (new TorchDevice(device, threads), train, evaluators, baseFolder);

    public string Device => _device.Name;

    public string NumericClass => _device.NumericClass;

    public Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation)
    {
        var job = PluginJob.Read(request.Job, PluginHost.OfProcess);
        return _device.OpenAsync(new TorchJob(job, _baseFolder ?? job.Model, _train, _evaluators?.Invoke(job)), cancellation);
    }

    public ValueTask DisposeAsync() => _device.DisposeAsync();
}
