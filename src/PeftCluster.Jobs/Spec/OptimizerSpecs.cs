using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>Which optimizer makes a step of a gradient.</summary>
public enum OptimizerType
{
    /// <summary>AdamW (Loshchilov, Hutter, arXiv 1711.05101), with the keys that begin with adam_.</summary>
    Adamw,

    /// <summary>Adafactor (Shazeer, Stern, arXiv 1804.04235) as transformers has it, with the keys of <c>adafactor</c>.</summary>
    Adafactor,

    /// <summary>Stochastic gradient descent as torch has it, with the keys of <c>sgd</c>.</summary>
    Sgd,
}

/// <summary>What only SGD knows.</summary>
public sealed record SgdSpec
{
    /// <summary>μ of the running sum of gradients b ← μ·b + g, which takes the gradient's place; 0: none is kept.</summary>
    [In("[0, 1)")]
    public double Momentum { get; init; }

    /// <summary>The step goes along g + μ·b instead of b (Nesterov).</summary>
    public bool Nesterov { get; init; }
}

/// <summary>What only Adafactor knows; the defaults are those of transformers' <c>--optim adafactor</c>. T-Few sets scale_parameter.</summary>
public sealed record AdafactorSpec
{
    /// <summary>The rate of a tensor is multiplied by the root mean square of its elements, at least <see cref="Epsilon2"/>.</summary>
    public bool ScaleParameter { get; init; }

    /// <summary>The rate is 1 ÷ √step, at most 0.01, and not learning_rate and its schedule.</summary>
    public bool RelativeStep { get; init; }

    /// <summary>With relative_step: it rises by 10⁻⁶ a step instead.</summary>
    public bool WarmupInit { get; init; }

    /// <summary>An update whose root mean square is above this is scaled down to it.</summary>
    [In("(0, 1000000]")]
    public double ClipThreshold { get; init; } = 1;

    /// <summary>The second moment's decay at step t is 1 − t to this power.</summary>
    [In("[-10, 0)")]
    public double DecayRate { get; init; } = -0.8;

    /// <summary>The decay of a running mean of updates, or null: none is kept.</summary>
    [In("[0, 1)")]
    public double? Beta1 { get; init; }

    /// <summary>Added to squared gradients.</summary>
    [In("(0, 1]")]
    public double Epsilon1 { get; init; } = 1e-30;

    /// <summary>The least scale of a tensor.</summary>
    [In("(0, 1]")]
    public double Epsilon2 { get; init; } = 1e-3;
}
