using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Data.Preflight;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Reports;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Plugins;
using PeftCluster.Training.Source;

namespace PeftCluster.Server.Node;

/// <summary>
/// A whole cluster in this process for one job's model and data: data prepared, base read and checked, one node on loopback,
/// and a worker for each device. Runs are submitted one after another; what differs between them may be anything but model and data.
/// Everything that a user can have got wrong is found before the first worker starts.
/// </summary>
public sealed class EmbeddedNode : IRunPlace
{
    private readonly PreparedData _data;
    private readonly LoadedBase _base;
    private readonly ITrainingCluster _cluster;
    private readonly NodeFacts _facts;
    private readonly TimeProvider _time;
    private DateTimeOffset? _started;

    private EmbeddedNode(PreparedData data, LoadedBase loaded, ITrainingCluster cluster, NodeFacts facts, TimeProvider time, DateTimeOffset started) =>
        (_data, _base, _cluster, _facts, _time, _started) = (data, loaded, cluster, facts, time, started);

    /// <summary>Prepares, checks and starts everything that a run of the job needs.</summary>
    /// <exception cref="Jobs.BadInputException">Model, data or devices are not as the job says.</exception>
    public static async Task<EmbeddedNode> StartAsync(JobSpec job, NodeOptions options, CancellationToken cancellation)
    {
        var started = options.Time.GetUtcNow();
        var here = job with { Model = HubFolder.Here(options.Folders.Hub, job.Model) };
        JobFile.CheckPaths(here);
        var devices = ComputeDevice.For(job.Resources.Device, options.Workers ?? WorkerCount.Of(job, Environment.ProcessorCount));
        WorkerCount.Check(job, devices.Count);
        var undo = new Stack<IAsyncDisposable>();
        try
        {
            var config = ModelConfigFile.Load(here.Model);
            var plan = AdapterPlan.Of(job.Method, config);
            InitialAdapter.Check(job.Method, plan);
            var preparing = new PreparationOptions { Progress = options.Preparing };
            var data = await Task.Run(() => DataPreflight.Passed(here, DataPreparation.Prepare(here, options.Folders.Cache, preparing, cancellation)), cancellation);
            undo.Push(new Disposer(data));
            ContextCheck.Of(data.Report, config, plan, job.Data.MaxLength);
            var loaded = Keep(await LoadedBase.OpenAsync(here.Model, job.BaseDtype, devices[0], job.Resources.Threads, cancellation));
            var cluster = Keep(await options.StartCluster(options, cancellation));
            var workers = devices.Select(device => new TorchSourceFactory(device, job.Resources.Threads, data.Train, Evaluators(data), here.Model)).ToList();
            workers.ForEach(cluster.AddWorker);
            var facts = new NodeFacts(cluster.Address, [.. workers.Select(worker => worker.Device)], job.Resources.Threads, workers[0].NumericClass);
            return new EmbeddedNode(data, loaded, cluster, facts, options.Time, started);
        }
        catch
        {
            foreach (var opened in undo)
                await opened.DisposeAsync();
            throw;
        }

        T Keep<T>(T opened) where T : IAsyncDisposable
        {
            undo.Push(opened);
            return opened;
        }
    }

    public async Task<NodeRun> SubmitAsync(JobSpec job, string jobPath, SubmitOptions options, CancellationToken cancellation)
    {
        var started = _started ?? _time.GetUtcNow();
        job = _data.Complete(job);
        _started = null; // The first run's time includes the node's start.
        var request = new RunRequest(Ulid.NewUlid(_time.GetUtcNow()).ToString(), job, _data.Train, _data.Eval?.Count ?? 0, DataReference.Own(_data.InputKey), job.Output.Folder)
        {
            Resume = options.Resume,
            Disturbance = options.Disturbance,
        };
        var handle = await _cluster.SubmitAsync(request, cancellation);
        return new NodeRun(handle, new RunHeader(job, jobPath, _facts, _base.Facts, _data.Report), _time, started);
    }

    /// <summary>Ends the cluster, then frees what its workers used.</summary>
    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _base.DisposeAsync();
        _data.Dispose();
    }

    private static EvaluatorOf? Evaluators(PreparedData data) =>
        data.Eval is null ? null : job => new RowEvaluator(data, job.Evaluation, PluginJob.MetricsOf(job)).Evaluate;

    private sealed class Disposer(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
