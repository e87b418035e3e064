using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Low-rank adaptation (Hu et al., arXiv 2106.09685): y = Wx + s·B(A·dropout(x)), s = lora_alpha ÷ r,
/// or lora_alpha ÷ √r with <see cref="UseRslora"/> (Kalajdzievski, arXiv 2312.03732).
/// </summary>
public sealed record LoraSpec : MethodSpec
{
    public override string Type => "lora";

    public override double DefaultLearningRate => 2e-4;

    /// <summary>The rank r.</summary>
    [In("[1, 4096]")]
    public int R { get; init; } = 8;

    /// <summary>The numerator α of the scale.</summary>
    [In("(0, 65536]")]
    public double LoraAlpha { get; init; } = 8;

    /// <summary>The share of the adapter's inputs that dropout sets to zero.</summary>
    [In("[0, 1)")]
    public double LoraDropout { get; init; }

    /// <summary>
    /// Names of the linear layers that get an adapter (a name matches a module path that is equal to it or ends with
    /// "." + name), the one word <c>all-linear</c> (every linear layer but the head), or null: the family's default.
    /// </summary>
    [Items(1, 1024), OrWord("all-linear"), Pattern("^[A-Za-z0-9_.-]{1,200}$", "a module's name")]
    public ValueList<string>? TargetModules { get; init; }

    /// <summary>Divide alpha by √r instead of r.</summary>
    public bool UseRslora { get; init; }
}
