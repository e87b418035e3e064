namespace PeftCluster.Jobs.Spec;

/// <summary>How the adapter is trained. Names and meanings are those of Hugging Face TrainingArguments where it has them.</summary>
public sealed record TrainingSpec
{
    /// <summary>The peak learning rate (above 0, at most 10).</summary>
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Passes over the training rows (above 0, at most 10,000). <see cref="MaxSteps"/> wins over it.</summary>
    public double NumTrainEpochs { get; init; } = 3;

    /// <summary>The number of steps (1 to 10,000,000), or null: by epochs.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Rows of one micro-batch (1 to 4,096).</summary>
    public int MicroBatchSize { get; init; } = 8;

    /// <summary>
    /// Micro-batches of one step, which is also the number of data shards and the most workers that help (1 to 1,024).
    /// The global batch is micro_batch_size × micro_batches.
    /// </summary>
    public int MicroBatches { get; init; } = 4;

    public LrSchedulerType LrSchedulerType { get; init; } = LrSchedulerType.Linear;

    /// <summary>The share of steps that warm up (0 to 1); <see cref="WarmupSteps"/> wins when it is above 0.</summary>
    public double WarmupRatio { get; init; }

    /// <summary>Steps that warm up (0 to 10,000,000).</summary>
    public int WarmupSteps { get; init; }

    /// <summary>AdamW's decoupled weight decay (0 to 1).</summary>
    public double WeightDecay { get; init; }

    /// <summary>AdamW's β₁ (0 to below 1).</summary>
    public double AdamBeta1 { get; init; } = 0.9;

    /// <summary>AdamW's β₂ (0 to below 1).</summary>
    public double AdamBeta2 { get; init; } = 0.999;

    /// <summary>AdamW's ε (above 0, at most 1).</summary>
    public double AdamEpsilon { get; init; } = 1e-8;

    /// <summary>The gradient's norm is clipped to this (0: no clipping; at most 1e6).</summary>
    public double MaxGradNorm { get; init; } = 1.0;

    /// <summary>The seed of everything random in the job (0 to 2⁶³ − 1).</summary>
    public long Seed { get; init; } = 42;

    /// <summary>A line of progress every so many steps where the output is no terminal (1 to 1,000,000).</summary>
    public int LoggingSteps { get; init; } = 10;

    /// <summary>A snapshot every so many steps (1 to 1,000,000).</summary>
    public int SaveSteps { get; init; } = 50;
}

public enum LrSchedulerType
{
    /// <summary>Down to zero on a straight line.</summary>
    Linear,

    /// <summary>Down to zero on half a cosine.</summary>
    Cosine,

    /// <summary>Constant after the warm-up (TrainingArguments: constant_with_warmup).</summary>
    Constant,
}
