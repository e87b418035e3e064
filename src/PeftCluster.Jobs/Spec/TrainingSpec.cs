using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>How the adapter is trained. Names and meanings are those of Hugging Face TrainingArguments where it has them.</summary>
public sealed record TrainingSpec
{
    /// <summary>The peak learning rate. Its default is the method's.</summary>
    [In("(0, 10]"), FilledIn("the method's: see its section")]
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Passes over the training rows. <see cref="MaxSteps"/> wins over it.</summary>
    [In("(0, 10000]")]
    public double NumTrainEpochs { get; init; } = 3;

    /// <summary>The number of steps, or null: by epochs. 0: nothing is trained; the base is measured with each of evaluation.shots, and the run is done.</summary>
    [In("[0, 10000000]")]
    public int? MaxSteps { get; init; }

    /// <summary>Rows of one micro-batch.</summary>
    [In("[1, 4096]")]
    public int MicroBatchSize { get; init; } = 8;

    /// <summary>
    /// Micro-batches of one step, which is also the number of data shards and the most workers that help.
    /// The global batch is micro_batch_size × micro_batches.
    /// </summary>
    [In("[1, 1024]")]
    public int MicroBatches { get; init; } = 4;

    /// <summary>
    /// Whether rows of about the same length come together, padded to one of at most eight lengths that fit the job's rows best: less padding, few shapes.
    /// Else any rows come together, padded to the longest of them. Packed rows (data.packing) have no use for it.
    /// </summary>
    [AddedLater(false)]
    public bool GroupByLength { get; init; } = true;

    /// <summary>How the rate falls after the warm-up.</summary>
    public LrSchedulerType LrSchedulerType { get; init; } = LrSchedulerType.Linear;

    /// <summary>What the schedule is given besides.</summary>
    [AddedLater]
    public SchedulerSpec LrSchedulerKwargs { get; init; } = new();

    /// <summary>The share of steps that warm up; <see cref="WarmupSteps"/> wins when it is above 0.</summary>
    [In("[0, 1]")]
    public double WarmupRatio { get; init; }

    /// <summary>Steps that warm up.</summary>
    [In("[0, 10000000]")]
    public int WarmupSteps { get; init; }

    /// <summary>What makes a step of a gradient.</summary>
    [AddedLater]
    public OptimizerType Optim { get; init; } = OptimizerType.Adamw;

    /// <summary>SGD's own keys.</summary>
    [AddedLater]
    public SgdSpec Sgd { get; init; } = new();

    /// <summary>Adafactor's own keys.</summary>
    [AddedLater]
    public AdafactorSpec Adafactor { get; init; } = new();

    /// <summary>The weight decay: decoupled (AdamW), times the tensor's rate (Adafactor), added to the gradient (SGD).</summary>
    [In("[0, 1]")]
    public double WeightDecay { get; init; }

    /// <summary>AdamW's β₁.</summary>
    [In("[0, 1)")]
    public double AdamBeta1 { get; init; } = 0.9;

    /// <summary>AdamW's β₂.</summary>
    [In("[0, 1)")]
    public double AdamBeta2 { get; init; } = 0.999;

    /// <summary>AdamW's ε.</summary>
    [In("(0, 1]")]
    public double AdamEpsilon { get; init; } = 1e-8;

    /// <summary>A plugin's loss in the place of cross-entropy: its <c>type</c> and keys of its own. Held-out rows are measured with cross-entropy. Null: cross-entropy.</summary>
    [AddedLater]
    public LossSpec? Loss { get; init; }

    /// <summary>
    /// ε of label smoothing (Szegedy et al., arXiv 1512.00567): the loss of a label is (1 − ε) × its own and ε × the mean over the vocabulary. Held-out rows are measured without it.
    /// </summary>
    [In("[0, 1)"), AddedLater]
    public double LabelSmoothingFactor { get; init; }

    /// <summary>
    /// α of NEFTune (Jain et al., arXiv 2310.05914): while training, noise that is uniform in ±α ÷ √(tokens × hidden size) is added to the embeddings of a batch's padded rows; usual are 5 to 15. Null: none.
    /// </summary>
    [In("(0, 1000]"), AddedLater]
    public double? NeftuneNoiseAlpha { get; init; }

    /// <summary>The gradient's norm is clipped to this (0: no clipping).</summary>
    [In("[0, 1000000]")]
    public double MaxGradNorm { get; init; } = 1.0;

    /// <summary>
    /// The decay of a moving average of the adapter (EMA), which is then what is measured and exported; usual are 0.99 to 0.9999. It warms up as diffusers' EMAModel does: (1 + n) ÷ (10 + n) after n steps
    /// while that is less. Null: no average.
    /// </summary>
    [In("(0, 1)"), AddedLater]
    public double? EmaDecay { get; init; }

    /// <summary>The average follows the adapter exactly for so many steps, and remembers from then on.</summary>
    [In("[0, 10000000]"), AddedLater]
    public int EmaUpdateAfterStep { get; init; }

    /// <summary>The seed of everything random in the job.</summary>
    [In("[0, 9223372036854775807]")]
    public long Seed { get; init; } = 42;

    /// <summary>Whether layers keep their activations for the backward pass, or compute them again there: less memory, more time, the same bits.</summary>
    [OutsideResult]
    public GradientCheckpointing GradientCheckpointing { get; init; } = GradientCheckpointing.Auto;

    /// <summary>A line of progress every so many steps where the output is no terminal.</summary>
    [In("[1, 1000000]"), OutsideResult]
    public int LoggingSteps { get; init; } = 10;

    /// <summary>A snapshot every so many steps.</summary>
    [In("[1, 1000000]"), OutsideResult]
    public int SaveSteps { get; init; } = 50;

    /// <summary>The held-out rows are measured with every so many-th version of the adapter, or null: not during training.</summary>
    [In("[1, 10000000]"), AddedLater]
    public int? EvalSteps { get; init; }

    /// <summary>
    /// What tells the better one of two versions, on the held-out rows: <c>loss</c> (the mean loss of a completion token), <c>exact_match</c> (the share of rows that are answered exactly),
    /// or a metric that evaluation.metrics names.
    /// </summary>
    [Pattern("^[a-z][a-z0-9_]{0,49}$", "a metric's name"), AddedLater]
    public string MetricForBestModel { get; init; } = BestMetric.Loss.Name;

    /// <summary>Whether more of <see cref="MetricForBestModel"/> is better, or null: less is where the name ends in loss, else more.</summary>
    [AddedLater]
    public bool? GreaterIsBetter { get; init; }

    /// <summary>The result is the best version that was measured, not the last one.</summary>
    [AddedLater]
    public bool LoadBestModelAtEnd { get; init; }

    /// <summary>Training stops after so many measurements in a row without improvement, or null: it never stops early.</summary>
    [In("[1, 1000000]"), AddedLater]
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>What a measurement has to be better by, to count as an improvement.</summary>
    [In("[0, 1000000]"), AddedLater]
    public double EarlyStoppingThreshold { get; init; }

    /// <summary>The share of micro-batches that a second worker computes too, to find a device that computes wrongly. 1 doubles the work.</summary>
    [In("[0, 1]"), OutsideResult]
    public double AuditFraction { get; init; }
}

/// <summary>Which layers compute their activations again.</summary>
public enum GradientCheckpointing
{
    /// <summary>As few as it takes to fit resources.memory, or the machine's memory: mostly none.</summary>
    Auto,

    /// <summary>All.</summary>
    On,

    /// <summary>None.</summary>
    Off,
}
