using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Native;

namespace PeftCluster.Training.Source;

/// <summary>
/// One device of this process: its thread, its numeric class, and sources that compute there. The process keeps it as long as the device
/// works, since memory of threads that come and go is not given back.
/// </summary>
public sealed class TorchDevice : IAsyncDisposable
{
    private readonly DeviceThread _thread;

    /// <summary>Starts the device's thread and loads libtorch.</summary>
    /// <param name="device">The device.</param>
    /// <param name="threads">resources.threads.</param>
    /// <exception cref="TorchUnavailableException">Libtorch does not load here.</exception>
    public TorchDevice(ComputeDevice device, int threads)
    {
        _thread = new DeviceThread(device, threads);
        NumericClass = Native.NumericClass.Of(device, threads);
    }

    /// <summary><c>cpu:0</c></summary>
    public string Name => _thread.Device.ToString();

    public string NumericClass { get; }

    /// <summary>Opens a source. No weight is read yet.</summary>
    /// <exception cref="Jobs.BadInputException">The base's config.json or the method is not fit.</exception>
    public Task<IStepSource> OpenAsync(TorchJob job, CancellationToken cancellation) =>
        Task.Run<IStepSource>(() => new TorchStepSource(job, _thread), cancellation);

    public ValueTask DisposeAsync() => _thread.DisposeAsync();
}

/// <summary>A job and what it is computed from on this machine.</summary>
/// <param name="Job">What is trained. Its model's path may be another machine's; exported files name that one.</param>
/// <param name="BaseFolder">The base model's folder here.</param>
/// <param name="Train">The training rows.</param>
/// <param name="Evaluate">Measures held-out rows; null where there are none.</param>
public sealed record TorchJob(JobSpec Job, string BaseFolder, ITokenRows Train, HeldOutEvaluator? Evaluate);
