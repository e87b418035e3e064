namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Low-rank adaptation (Hu et al., arXiv 2106.09685): y = Wx + s·B(A·dropout(x)), s = lora_alpha ÷ r,
/// or lora_alpha ÷ √r with <see cref="UseRslora"/> (Kalajdzievski, arXiv 2312.03732).
/// </summary>
public sealed record LoraSpec : MethodSpec
{
    public override string Type => "lora";

    /// <summary>The rank r (1 to 4,096).</summary>
    public int R { get; init; } = 8;

    /// <summary>The numerator α of the scale (above 0, at most 65,536).</summary>
    public double LoraAlpha { get; init; } = 8;

    /// <summary>The share of the adapter's inputs that dropout sets to zero (0 to below 1).</summary>
    public double LoraDropout { get; init; }

    /// <summary>
    /// Names of the linear layers that get an adapter (a name matches a module path that is equal to it or ends with
    /// "." + name), the one word <c>all-linear</c> (every linear layer but the head), or null: the family's default.
    /// </summary>
    public IReadOnlyList<string>? TargetModules { get; init; }

    public bool UseRslora { get; init; }
}
