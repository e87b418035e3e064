using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Queue;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Benchmarks.Runs;

/// <summary>A coordinator and workers as processes of this machine, and this process as their client. One micro-batch for each worker, so each sends one vector a step.</summary>
internal sealed class RunCluster : IAsyncDisposable
{
    private const int Rows = 4_096;

    private readonly string _folder = Directory.CreateTempSubdirectory("peft-bench-").FullName;
    private readonly int _floats, _milliseconds;
    private ClusterSystem? _client;
    private string _address = "";

    private RunCluster(int floats, int milliseconds)
    {
        (_floats, _milliseconds) = (floats, milliseconds);
        Coordinator = new ChildProcess(RunNode.Coordinator(Path.Combine(_folder, "state")));
    }

    public ChildProcess Coordinator { get; }

    public List<ChildProcess> Workers { get; } = [];

    /// <param name="workers">Worker processes.</param>
    /// <param name="floats">Floats of a vector.</param>
    /// <param name="milliseconds">How long a gradient takes; 0: the made-up arithmetic is computed.</param>
    /// <param name="cancellation">Ends starting.</param>
    public static async Task<RunCluster> StartAsync(int workers, int floats, int milliseconds, CancellationToken cancellation)
    {
        var cluster = new RunCluster(floats, milliseconds);
        try
        {
            cluster._address = await cluster.Coordinator.HearAsync(cancellation);
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => cluster.AddWorkerAsync(cancellation)));
            cluster._client = await ClusterSystem.StartAsync(RunNode.System(NodeRoles.Client) with { Seeds = [cluster._address] }, cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another worker; done when it is a member.</summary>
    public async Task AddWorkerAsync(CancellationToken cancellation)
    {
        var worker = new ChildProcess(RunNode.Worker(_address, _floats, _milliseconds));
        Workers.Add(worker);
        await worker.HearAsync(cancellation);
    }

    /// <summary>Submits a run that starts when all workers are there.</summary>
    public Task<RemoteRun> SubmitAsync(int steps, CancellationToken cancellation)
    {
        var job = new JobSpec
        {
            Name = "benchmark",
            Model = "/models/none",
            Data = new DataSpec { Train = "/data/train.jsonl" },
            Method = new LoraSpec(),
            Training = new TrainingSpec { MaxSteps = steps, MicroBatches = Workers.Count, MicroBatchSize = 1 },
            Resources = new ResourcesSpec { Workers = new WorkersRange(Workers.Count, Workers.Count) },
            Output = new OutputSpec { Folder = "/runs/benchmark" },
        };
        var jobs = new RemoteJobs(_client!.Actors, new RemoteOptions());
        return jobs.SubmitAsync(new RemoteSubmission(JobId.New(TimeProvider.System).ToString(), job, ArithmeticCatalog.Reference(Rows, 0)), cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        foreach (var worker in Workers)
            await worker.DisposeAsync();
        await Coordinator.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
