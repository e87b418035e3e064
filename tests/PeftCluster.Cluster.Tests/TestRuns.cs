using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests;

/// <summary>Small runs over made-up arithmetic, and the folders that they leave.</summary>
internal static class TestRuns
{
    public const int HeldOutRows = 24;

    /// <summary>How long a test waits for a run that takes a fraction of a second.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public static JobSpec Job(int steps = 12, int shards = 4, int saveSteps = 5, long seed = 7, int? workers = null) => new()
    {
        Name = "test",
        Model = "/models/none",
        Data = new DataSpec { Train = "/data/train.jsonl", Eval = "/data/eval.jsonl", Format = DataFormat.Completion },
        Method = new LoraSpec(),
        Training = new TrainingSpec { MaxSteps = steps, MicroBatches = shards, MicroBatchSize = 3, SaveSteps = saveSteps, Seed = seed, LearningRate = 0.05 },
        Evaluation = new EvaluationSpec { Shots = [0, 1], BatchSize = 5 },
        Resources = new ResourcesSpec { Workers = workers is { } number ? new WorkersRange(1, number) : null },
        Output = new OutputSpec { Folder = "/runs/test" },
    };

    public static RunRequest Request(string folder, JobSpec? job = null, bool resume = false, Disturbance? disturbance = null) =>
        new(JobId.New(TimeProvider.System).ToString(), job ?? Job(), new ArithmeticRows(70), HeldOutRows, DataReference.Own("data-key"), folder)
        {
            Resume = resume,
            Disturbance = disturbance,
        };

    /// <summary>Runs a request on a cluster of its own with so many workers, and collects what is told.</summary>
    public static async Task<(RunEnded Ended, List<RunEvent> Events)> RunAsync(RunRequest request, int workers, Func<RunEvent, IRunHandle, Task>? watch = null)
    {
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        for (var worker = 0; worker < workers; worker++)
            cluster.AddWorker(new ArithmeticSourceFactory($"cpu:{worker}"));
        return await RunAsync(cluster, request, watch);
    }

    public static async Task<(RunEnded Ended, List<RunEvent> Events)> RunAsync(ITrainingCluster cluster, RunRequest request, Func<RunEvent, IRunHandle, Task>? watch = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var handle = await cluster.SubmitAsync(request, patience.Token);
        var events = new List<RunEvent>();
        await foreach (var happened in handle.Events.WithCancellation(patience.Token))
        {
            events.Add(happened);
            if (watch is not null)
                await watch(happened, handle);
        }
        return (await handle.Ended, events);
    }
}

internal static class ClusterExtensions
{
    /// <summary>Done when the jobs actor has stored and passed on everything that was said to it before.</summary>
    public static Task AllHeardAsync(this EmbeddedCluster cluster) =>
        cluster.System.ActorSelection("/user/jobs").Ask<JobsListed>(new ListJobs(), TestRuns.Patience);
}

/// <summary>A folder of a test, removed after it.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("peft-run-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
