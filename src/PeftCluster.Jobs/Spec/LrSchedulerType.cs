namespace PeftCluster.Jobs.Spec;

/// <summary>How the learning rate falls after the warm-up, to the last step, as transformers' and torch's schedulers compute it.</summary>
public enum LrSchedulerType
{
    /// <summary>Down to zero on a straight line.</summary>
    Linear,

    /// <summary>Down to zero on half a cosine.</summary>
    Cosine,

    /// <summary>Constant after the warm-up (TrainingArguments: constant_with_warmup).</summary>
    Constant,

    /// <summary>Half cosines down to zero, each from the peak again.</summary>
    CosineWithRestarts,

    /// <summary>Half a cosine down to a lowest rate.</summary>
    CosineWithMinLr,

    /// <summary>The same, with a warm-up that need not begin at zero.</summary>
    CosineWarmupWithMinLr,

    /// <summary>Down to lr_end by a power.</summary>
    Polynomial,

    /// <summary>With one over the root of the step.</summary>
    InverseSqrt,

    /// <summary>At the peak for most steps, then down.</summary>
    WarmupStableDecay,

    /// <summary>Up to the peak and down below where it began, the momentum the other way (Smith, Topin, arXiv 1708.07120); it has no other warm-up.</summary>
    OneCycle,
}
