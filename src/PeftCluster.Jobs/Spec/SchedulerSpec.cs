using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// What a learning-rate schedule is given besides warm-up and length (<c>lr_scheduler_kwargs</c>). Names are those of transformers' schedulers and of
/// torch's OneCycleLR; a null key has the schedule's own default, and a key that the schedule does not know is not looked at.
/// </summary>
public sealed record SchedulerSpec
{
    /// <summary>Cosines in the fall: of cosine, cosine_with_min_lr, cosine_warmup_with_min_lr and warmup_stable_decay half ones are usual (null: 0.5); of cosine_with_restarts whole falls (null: 1).</summary>
    [In("(0, 10000]")]
    public double? NumCycles { get; init; }

    /// <summary>polynomial: the power of the fall.</summary>
    [In("(0, 100]")]
    public double Power { get; init; } = 1;

    /// <summary>polynomial: the rate at the end and after it.</summary>
    [In("[0, 10]")]
    public double LrEnd { get; init; } = 1e-7;

    /// <summary>inverse_sqrt: the rate is the peak × √(timescale ÷ step) long after the warm-up. Null: the warm-up's steps, or 10,000 where there are none.</summary>
    [In("[1, 10000000]")]
    public int? Timescale { get; init; }

    /// <summary>cosine_with_min_lr, cosine_warmup_with_min_lr: the lowest rate; this or min_lr_rate.</summary>
    [In("[0, 10]")]
    public double? MinLr { get; init; }

    /// <summary>The same as a share of the peak.</summary>
    [In("[0, 1]")]
    public double? MinLrRate { get; init; }

    /// <summary>cosine_warmup_with_min_lr: the first rate as a share of the peak. Null: one step's worth.</summary>
    [In("[0, 1]")]
    public double? WarmupLrRate { get; init; }

    /// <summary>warmup_stable_decay: steps at the peak. Null: all that warm-up and decay leave.</summary>
    [In("[0, 10000000]")]
    public int? NumStableSteps { get; init; }

    /// <summary>warmup_stable_decay: steps of the fall. Null: a tenth of all steps.</summary>
    [In("[1, 10000000]")]
    public int? NumDecaySteps { get; init; }

    /// <summary>warmup_stable_decay: the first and the last rate as a share of the peak.</summary>
    [In("[0, 1]")]
    public double MinLrRatio { get; init; }

    /// <summary>warmup_stable_decay: the rise's shape.</summary>
    public DecayShape WarmupType { get; init; } = DecayShape.Linear;

    /// <summary>warmup_stable_decay: the fall's shape.</summary>
    public DecayShape DecayType { get; init; } = DecayShape.Cosine;

    /// <summary>one_cycle: the share of steps in which the rate rises.</summary>
    [In("(0, 1)")]
    public double PctStart { get; init; } = 0.3;

    /// <summary>one_cycle: the shape of rise and fall, cosine or linear.</summary>
    public DecayShape AnnealStrategy { get; init; } = DecayShape.Cosine;

    /// <summary>one_cycle: falls to the first rate as long as it rose, and then to the last one.</summary>
    public bool ThreePhase { get; init; }

    /// <summary>one_cycle: the first rate is the peak divided by this.</summary>
    [In("[1, 1000000]")]
    public double DivFactor { get; init; } = 25;

    /// <summary>one_cycle: the last rate is the first one divided by this.</summary>
    [In("[1, 1000000000]")]
    public double FinalDivFactor { get; init; } = 1e4;

    /// <summary>one_cycle: the optimizer's momentum (AdamW's β₁) falls while the rate rises, and the other way round.</summary>
    public bool CycleMomentum { get; init; } = true;

    /// <summary>one_cycle: the lowest momentum.</summary>
    [In("[0, 1)")]
    public double BaseMomentum { get; init; } = 0.85;

    /// <summary>one_cycle: the highest momentum.</summary>
    [In("[0, 1)")]
    public double MaxMomentum { get; init; } = 0.95;
}

/// <summary>How a rate goes from one value to another.</summary>
public enum DecayShape
{
    /// <summary>On a straight line.</summary>
    Linear,

    /// <summary>On half a cosine.</summary>
    Cosine,

    /// <summary>Steeply first: 1 − √ of the share of steps that are done (in the rise: of those that are not).</summary>
    OneMinusSqrt,
}
