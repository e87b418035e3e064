using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Native;
using PeftCluster.Training.Plugins;
using PeftCluster.Training.Source;

namespace PeftCluster.Server.Node;

/// <summary>
/// One device of a worker node: opens jobs that were submitted elsewhere. The base is this machine's own, checked by content, or fetched if the
/// job says so; prepared data comes from the run's store, each training shard when it is first computed.
/// </summary>
public sealed class NodeSourceFactory : IStepSourceFactory
{
    private readonly TorchDevice _device;
    private readonly NodeStock _stock;
    private readonly int _threads;

    /// <summary>Starts the device's thread and loads libtorch.</summary>
    /// <param name="device">The device.</param>
    /// <param name="threads">Threads that it computes with.</param>
    /// <param name="stock">The node's; shared by its devices.</param>
    /// <exception cref="TorchUnavailableException">Libtorch does not load here.</exception>
    public NodeSourceFactory(ComputeDevice device, int threads, NodeStock stock) => (_device, _stock, _threads) = (new TorchDevice(device, threads), stock, threads);

    public string Device => _device.Name;

    public string NumericClass => _device.NumericClass;

    public async Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation)
    {
        if (request.Job.Resources.Threads != _threads)
            throw new BadInputException(FormattableString.Invariant(
                $"resources.threads is {request.Job.Resources.Threads}, and {Device} computes with {_threads}: it would get other bits. Start the node with --threads {request.Job.Resources.Threads}, or change the job."));
        request = request with { Job = PluginJob.Read(request.Job, _stock.Plugins) };
        request = await _stock.StartAsync(request, cancellation);
        var folder = await _stock.BaseAsync(request, cancellation);
        var data = await _stock.DataAsync(request, folder, cancellation);
        try
        {
            var evaluator = data.Rows.HeldOut is { } heldOut
                ? new RowEvaluator(data.Rows.Train, heldOut, data.Tokenizer, request.Job.Evaluation, PluginJob.MetricsOf(request.Job))
                : null;
            var source = await _device.OpenAsync(
                new TorchJob(request.Job, folder, data.Rows.Train, evaluator is null ? null : evaluator.Evaluate), cancellation);
            return new NodeSource(source, data, evaluator, request.Content);
        }
        catch
        {
            await data.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _device.DisposeAsync();
}
