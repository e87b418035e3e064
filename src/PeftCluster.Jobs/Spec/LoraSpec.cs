using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Low-rank adaptation (Hu et al., arXiv 2106.09685): y = Wx + s·B(A·dropout(x)), s = lora_alpha ÷ r,
/// or lora_alpha ÷ √r with <see cref="UseRslora"/> (Kalajdzievski, arXiv 2312.03732). With <see cref="UseDora"/> it is weight-decomposed
/// (Liu et al., arXiv 2402.09353): a learnt length m for each output, y = m∘(Wx + s·BAx) ÷ ‖W + s·BA‖ + b.
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
    /// "." + name), the one word <c>all-linear</c> (every linear layer but the head), one regular expression that matches whole paths,
    /// or null: the family's default.
    /// </summary>
    [Items(1, 1024), OrWord("all-linear"), OrPattern, Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string>? TargetModules { get; init; }

    /// <summary>Divide alpha by √r instead of r.</summary>
    public bool UseRslora { get; init; }

    /// <summary>Train a length for each output beside the low-rank change of direction (DoRA).</summary>
    [AddedLater]
    public bool UseDora { get; init; }

    /// <summary>Names of modules, or one regular expression that matches whole paths, that get no adapter though they are targets.</summary>
    [Items(1, 1024), OrPattern, Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ExcludeModules { get; init; }

    /// <summary>Only modules in layers of these numbers are targets; null: in all layers.</summary>
    [Items(1, 1024), In("[0, 9999]"), AddedLater]
    public ValueList<int>? LayersToTransform { get; init; }

    /// <summary>Other ranks for some modules: the end of a path (a regular expression) and its r. The first that matches counts.</summary>
    [Items(1, 1024), In("[1, 4096]"), AddedLater]
    public ValueMap<int>? RankPattern { get; init; }

    /// <summary>Other values of <see cref="LoraAlpha"/> for some modules, as in <see cref="RankPattern"/>.</summary>
    [Items(1, 1024), In("(0, 65536]"), AddedLater]
    public ValueMap<double>? AlphaPattern { get; init; }

    internal override (string Key, string What)? Contradiction => ModuleNames.IsPattern(TargetModules) && LayersToTransform is not null
        ? ("layers_to_transform", "target_modules is a regular expression, which can name the layers itself. Use one of the two.")
        : null;
}
