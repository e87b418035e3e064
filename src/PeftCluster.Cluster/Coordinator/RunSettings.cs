using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>What a <see cref="StepMachine"/> knows of its job and never changes.</summary>
public sealed record RunSettings
{
    /// <summary>The settings of a run.</summary>
    /// <param name="request">The run.</param>
    /// <param name="planner">The planner over its rows.</param>
    /// <param name="resumes">Whether its folder holds an earlier attempt.</param>
    /// <param name="deadlines">How long it waits for whom.</param>
    public static RunSettings Of(RunRequest request, StepPlanner planner, bool resumes, Deadlines deadlines) => new()
    {
        Planner = planner,
        Shards = request.Job.Training.MicroBatches,
        SaveSteps = request.Job.Training.SaveSteps,
        MinimumWorkers = request.Job.Resources.Workers?.Min ?? 1,
        Shots = request.Job.Evaluation.Shots,
        HeldOutRows = request.HeldOutRows,
        EvaluationBatch = request.Job.Evaluation.BatchSize,
        Variants = request.Rows.Variants,
        EvalSteps = request.HeldOutRows > 0 ? request.Job.Training.EvalSteps : null,
        Metric = BestMetric.Of(request.Job.Training),
        LoadBest = request.Job.Training.LoadBestModelAtEnd,
        Patience = request.Job.Training.EarlyStoppingPatience,
        Threshold = request.Job.Training.EarlyStoppingThreshold,
        Averages = request.Job.Training.EmaDecay is not null,
        ChoiceLoss = request.Job.Training.ChoiceLoss,
        Seed = request.Job.Training.Seed,
        AuditFraction = request.Job.Training.AuditFraction,
        Resumes = resumes,
        Deadlines = deadlines,
    };

    /// <summary>The plan of each step; a pure function.</summary>
    public required StepPlanner Planner { get; init; }

    /// <summary>Leaves of a step: the job's micro_batches.</summary>
    public required int Shards { get; init; }

    /// <summary>A snapshot every so many steps.</summary>
    public required int SaveSteps { get; init; }

    /// <summary>Ready workers that the run needs to start.</summary>
    public int MinimumWorkers { get; init; } = 1;

    /// <summary>Prompts of the base model to measure before step 0. Empty: none.</summary>
    public IReadOnlyList<int> Shots { get; init; } = [];

    /// <summary>Held-out rows; 0: nothing is measured.</summary>
    public int HeldOutRows { get; init; }

    /// <summary>Rows of one evaluation batch.</summary>
    public int EvaluationBatch { get; init; } = 16;

    /// <summary>Templates of the held-out rows, which are those of the training rows.</summary>
    public int Variants { get; init; } = 1;

    /// <summary>Every so many-th version is measured, and the last one; null: none during training.</summary>
    public int? EvalSteps { get; init; }

    /// <summary>What tells the better version.</summary>
    public BestMetric Metric { get; init; } = BestMetric.Loss;

    /// <summary>The best version is exported, not the last one.</summary>
    public bool LoadBest { get; init; }

    /// <summary>Measurements in a row without improvement that end training; null: none do.</summary>
    public int? Patience { get; init; }

    /// <summary>What an improvement has to be above.</summary>
    public double Threshold { get; init; }

    /// <summary>What is measured and exported of a version is its average.</summary>
    public bool Averages { get; init; }

    /// <summary>What the losses on answer choices weigh in the loss that is told.</summary>
    public ChoiceLossSpec ChoiceLoss { get; init; } = new();

    /// <summary>The job's seed.</summary>
    public long Seed { get; init; }

    /// <summary>The share of leaves that a second worker computes too.</summary>
    public double AuditFraction { get; init; }

    /// <summary>Whether the folder holds an attempt before this one.</summary>
    public bool Resumes { get; init; }

    public Deadlines Deadlines { get; init; } = new();

    public int TotalSteps => Planner.TotalSteps;

    public ReductionTree Tree => field ??= new ReductionTree(Shards);

    /// <summary>Nothing is trained: the run measures the base and is done.</summary>
    public bool MeasuresOnly => TotalSteps == 0;

    /// <summary>Whether the base model is measured before training.</summary>
    public bool MeasuresBase => HeldOutRows > 0 && Shots.Count > 0;

    /// <summary>Whether the last version is measured.</summary>
    public bool MeasuresLast => !MeasuresOnly && (MeasuresBase || EvalSteps is not null);
}

/// <summary>How long a run waits for whom (docs/protocol.md, Deadlines).</summary>
public sealed record Deadlines
{
    /// <summary>Of a cluster of processes: their supervisors start them again, and they offer themselves anew.</summary>
    public static Deadlines OfCluster { get; } = new() { Return = TimeSpan.FromMinutes(10) };

    /// <summary>For the answer to being assigned: a large base model is read from disk in it.</summary>
    public TimeSpan Assign { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A worker is late when its item takes longer than so many medians …</summary>
    public double Factor { get; init; } = 3;

    /// <summary>… and this.</summary>
    public TimeSpan Floor { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A worker that owes something and gives no sign for so long is lost.</summary>
    public TimeSpan Ceiling { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A question without an answer is asked again this often: a message may be lost.</summary>
    public TimeSpan Remind { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For a lost worker to come again, when the run cannot go on without one. Zero: none comes again, as within one process.</summary>
    public TimeSpan Return { get; init; } = TimeSpan.Zero;

    /// <summary>For the source to be closed.</summary>
    public TimeSpan Release { get; init; } = TimeSpan.FromSeconds(5);
}
