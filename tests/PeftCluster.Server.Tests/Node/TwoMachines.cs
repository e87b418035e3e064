using System.Collections.Concurrent;
using PeftCluster.Acceptance.Tests.Worlds;
using PeftCluster.Cluster.Transport;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Native;
using PeftCluster.Training.Plugins;
using PeftCluster.Training.Source;
using TorchSharp;

namespace PeftCluster.Server.Tests.Node;

/// <summary>
/// A client and a worker node that share nothing but a store: each has a cache folder of its own, and the client's model folder is out of the node's
/// sight once <see cref="MoveModel"/> was called.
/// </summary>
internal sealed class TwoMachines : IDisposable
{
    private readonly TinyWorld _world = TinyWorld.Create();
    private readonly List<IDisposable> _opened = [];

    public TwoMachines()
    {
        TorchLibrary.Load();
        Store = new CountingStore(new ContentFolder(_world["store"]));
        Job = Written();
    }

    public JobSpec Job { get; }

    public CountingStore Store { get; }

    public NodeFolders Client => new() { Cache = _world["client-cache"], Hub = _world["client-hub"] };

    public NodeFolders Node => new() { Cache = _world["node-cache"], Hub = _world["node-hub"], Models = _world["node-models"] };

    public string this[string name] => _world[name];

    public JobSpec Written(params string[] overrides) =>
        JobFile.Parse(File.ReadAllText(_world["job.yaml"]), "job.yaml", _world.Folder, overrides);

    /// <summary>The job as a worker reads it from the wire, in another folder.</summary>
    public static JobSpec Arrived(JobSpec job) => JobFile.Parse(JobFile.Write(job), "job.yaml", "/somewhere/else", []);

    public async Task<JobParcel> SubmitAsync(JobSpec job)
    {
        var parcel = await JobParcel.PackAsync(job, Client, null, CancellationToken.None);
        _opened.Add(parcel);
        await parcel.PushAsync(Store, CancellationToken.None);
        return parcel;
    }

    /// <summary>Takes the model from the client's path to another one, as if the node were another machine.</summary>
    public void MoveModel(string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_world[to])!);
        Directory.Move(_world["base"], _world[to]);
    }

    public SourceRequest Request(JobSpec job, JobParcel parcel) => new(Arrived(job), parcel.Reference, Store);

    public static NodeSourceFactory Device(NodeStock stock, int index = 0) => new(new ComputeDevice(DeviceType.CPU, index), 1, stock);

    /// <summary>As one process does it: the same job over the client's own data.</summary>
    public static TorchSourceFactory LocalDevice(PreparedData data) =>
        new(new ComputeDevice(DeviceType.CPU, 7), 1, data.Train, job => new RowEvaluator(data, job.Evaluation, PluginJob.MetricsOf(job)).Evaluate);

    public static GradientWork Work(JobSpec job, IRowIndex rows, int shard, int step = 0)
    {
        var plan = new StepPlanner(job.Training, rows).For(step);
        return new GradientWork(step, plan.MicroBatches[shard], plan.Denominator);
    }

    /// <summary>Loss and gradient, bit by bit.</summary>
    public static async Task<string> BitsAsync(IStepSource source, GradientWork work)
    {
        var layout = (await source.DescribeAsync(default)).Layout;
        var (adapter, gradient) = (new float[layout.Length], new float[layout.Length]);
        await source.InitialiseAsync(adapter, default);
        for (var index = 0; index < adapter.Length; index++)
            adapter[index] += MathF.Sin(index) * 0.05f;
        var leaf = await source.GradientAsync(work, adapter, gradient, default);
        return $"{leaf.LossSum:R} {Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(gradient))}";
    }

    public void Dispose()
    {
        _opened.ForEach(one => one.Dispose());
        _world.Dispose();
    }
}

/// <summary>A store that writes down what is fetched from it.</summary>
internal sealed class CountingStore(ContentFolder inner) : IContentStore
{
    public ConcurrentQueue<string> Fetched { get; } = [];

    public string PathOf(DataFile file) => inner.PathOf(file.Sha256);

    /// <summary>What was fetched, by the names of a reference.</summary>
    public IEnumerable<string> Names(DataReference reference) => Fetched.Select(sha256 =>
        reference.Files.Concat(reference.Base?.Files ?? []).First(file => file.Sha256 == sha256).Name);

    public Task FetchAsync(string sha256, string path, CancellationToken cancellation)
    {
        Fetched.Enqueue(sha256);
        return inner.FetchAsync(sha256, path, cancellation);
    }

    public Task<bool> HasAsync(string sha256, CancellationToken cancellation) => inner.HasAsync(sha256, cancellation);

    public Task<string> PutAsync(string path, CancellationToken cancellation) => inner.PutAsync(path, cancellation);
}
