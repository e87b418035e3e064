using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Transport;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Chaos;

/// <summary>What is trained while everything goes wrong.</summary>
public interface IChaosJob
{
    /// <summary>Words that every node needs for it.</summary>
    IReadOnlyList<string> NodeWords { get; }

    /// <summary>A submission, its data being in the coordinator's store.</summary>
    Task<RemoteSubmission> PrepareAsync(string runId, ChaosRow row, ICoordinatorLink link, CancellationToken cancellation);
}

/// <summary>Made-up arithmetic, in microseconds.</summary>
public sealed class ArithmeticJob : IChaosJob
{
    private const int TrainRows = 70;
    private const int HeldOutRows = 24;

    public IReadOnlyList<string> NodeWords { get; } = ["--source", "arithmetic"];

    public Task<RemoteSubmission> PrepareAsync(string runId, ChaosRow row, ICoordinatorLink link, CancellationToken cancellation) =>
        Task.FromResult(new RemoteSubmission(runId, Job(row), Data(row, row.HasOtherData ? DataReference.Own("arithmetic:none") : ArithmeticCatalog.Reference(TrainRows, HeldOutRows))));

    /// <summary>The row's data, with a base that nobody has where the row says so.</summary>
    internal static DataReference Data(ChaosRow row, DataReference data) =>
        row.HasOtherBase ? data with { Base = new BaseReference([new DataFile("config.json", new string('0', 64), 1)]) } : data;

    /// <summary>Sixteen steps of six micro-batches, a snapshot every five steps: what the built-in rows strike at.</summary>
    internal static TrainingSpec Steps(TrainingSpec training, ChaosRow row) =>
        training with
        {
            MaxSteps = 16,
            MicroBatches = 6,
            SaveSteps = 5,
            AuditFraction = row.AuditFraction,
            EvalSteps = row.Measures ?? training.EvalSteps,
            LoadBestModelAtEnd = row.Measures is not null || training.LoadBestModelAtEnd,
        };

    /// <summary>A small job, measured before and after.</summary>
    internal static JobSpec Job(ChaosRow row) => new()
    {
        Name = "chaos",
        Model = "/models/none",
        Data = new DataSpec { Train = "/data/train.jsonl", Eval = "/data/eval.jsonl", Format = DataFormat.Completion },
        Method = new LoraSpec(),
        Training = Steps(new TrainingSpec { MicroBatchSize = 2, Seed = 11, LearningRate = 0.05 }, row),
        Evaluation = new EvaluationSpec { Shots = [0], BatchSize = 5 },
        Resources = new ResourcesSpec { Workers = new WorkersRange(row.Needs ?? row.Workers, row.Workers + 1) },
        Output = new OutputSpec { Folder = "/runs/chaos" },
    };
}
