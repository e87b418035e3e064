using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// LoHa (Hyeon-Woo et al., arXiv 2108.06098): a change that is the product, element by element, of two low-rank matrices,
/// Δ = (w1_a·w1_b)∘(w2_a·w2_b)·α ÷ r. Its rank goes up to r², at twice LoRA's parameters.
/// </summary>
public sealed record LohaSpec : MethodSpec, ISavesModules, IChoosesLayers
{
    public override string Type => "loha";

    // Two factors of Δ begin large, so steps are felt more than LoRA's at its scale; LyCORIS's guide stays between LoRA's rate and five times it.
    public override double DefaultLearningRate => 5e-4;

    /// <summary>The rank r.</summary>
    [In("[1, 4096]")]
    public int R { get; init; } = 8;

    /// <summary>The numerator α of the scale α ÷ r.</summary>
    [In("(0, 65536]")]
    public double Alpha { get; init; } = 8;

    /// <summary>The chance that a row of the change Δ (an output of the layer) takes no part in a micro-batch; the others grow by as much.</summary>
    [In("[0, 1)"), AddedLater]
    public double RankDropout { get; init; }

    /// <summary>The chance that a layer's whole change takes no part in a micro-batch.</summary>
    [In("[0, 1)"), AddedLater]
    public double ModuleDropout { get; init; }

    /// <summary>
    /// Names of the linear layers that get an adapter (a name matches a module path that is equal to it or ends with
    /// "." + name), the one word <c>all-linear</c> (every linear layer but the head), one regular expression that matches whole paths,
    /// or null: the family's default.
    /// </summary>
    [Items(1, 1024), OrWord("all-linear"), OrPattern, Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string>? TargetModules { get; init; }

    /// <summary>Names of modules, or one regular expression that matches whole paths, that get no adapter though they are targets.</summary>
    [Items(1, 1024), OrPattern, Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string>? ExcludeModules { get; init; }

    /// <summary>Only modules in layers of these numbers are targets; null: in all layers.</summary>
    [Items(1, 1024), In("[0, 9999]")]
    public ValueList<int>? LayersToTransform { get; init; }

    /// <summary>With <see cref="LayersToTransform"/>: the part of a path that stands before the layer's number, for example layers, h or block; of several names the first that a path has. Null: the first number of a path is its layer's.</summary>
    [Items(1, 16), OrOneName, Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? LayersPattern { get; init; }

    /// <summary>Other ranks for some modules: the end of a path (a regular expression) and its r. The first that matches counts.</summary>
    [Items(1, 1024), In("[1, 4096]")]
    public ValueMap<int>? RankPattern { get; init; }

    /// <summary>Other values of <see cref="Alpha"/> for some modules, as in <see cref="RankPattern"/>.</summary>
    [Items(1, 1024), In("(0, 65536]")]
    public ValueMap<double>? AlphaPattern { get; init; }

    /// <summary>Names of modules that are trained whole and saved with the adapter, for example lm_head; null: none.</summary>
    [Items(1, 64), Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ModulesToSave { get; init; }

    public override (string Key, string What)? Contradiction => IChoosesLayers.ContradictionOf(this);
}
