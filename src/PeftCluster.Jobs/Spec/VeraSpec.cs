using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// VeRA (Kopiczko et al., arXiv 2310.11454): y = Wx + λ_b∘B(λ_d∘A·dropout(x)), where A and B are random, the same for all layers, and not
/// trained; only the two vectors are. A fraction of LoRA's parameters, at a higher learning rate.
/// </summary>
public sealed record VeraSpec : MethodSpec, ISavesModules, IChoosesLayers
{
    public override string Type => "vera";

    // The paper's rate for instruction tuning.
    public override double DefaultLearningRate => 4e-3;

    /// <summary>The rank r. It costs time, but only r more trained numbers for each layer.</summary>
    [In("[1, 65536]")]
    public int R { get; init; } = 256;

    /// <summary>What every number of λ_d begins as; λ_b begins as zero.</summary>
    [In("(0, 1000]")]
    public double DInitial { get; init; } = 0.1;

    /// <summary>The share of the adapter's inputs that dropout sets to zero.</summary>
    [In("[0, 1)")]
    public double VeraDropout { get; init; }

    /// <summary>
    /// Names of the linear layers that get an adapter (a name matches a module path that is equal to it or ends with
    /// "." + name), the one word <c>all-linear</c> (every linear layer but the head), one regular expression that matches whole paths,
    /// or null: the family's default.
    /// </summary>
    [Items(1, 1024), OrWord("all-linear"), OrPattern, Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string>? TargetModules { get; init; }

    /// <summary>Only modules in layers of these numbers are targets; null: in all layers.</summary>
    [Items(1, 1024), In("[0, 9999]")]
    public ValueList<int>? LayersToTransform { get; init; }

    /// <summary>With <see cref="LayersToTransform"/>: the part of a path that stands before the layer's number, for example layers, h or block; of several names the first that a path has. Null: the first number of a path is its layer's.</summary>
    [Items(1, 16), OrOneName, Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? LayersPattern { get; init; }

    /// <summary>The seed that A and B are drawn with, by PyTorch's generator: a file may leave them out, since PEFT draws the same ones.</summary>
    [In("[0, 2147483647]")]
    public int ProjectionPrngKey { get; init; }

    /// <summary>Write A and B into the adapter's file.</summary>
    public bool SaveProjection { get; init; } = true;

    /// <summary>Names of modules that are trained whole and saved with the adapter, for example lm_head; null: none.</summary>
    [Items(1, 64), Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ModulesToSave { get; init; }

    public override (string Key, string What)? Contradiction => IChoosesLayers.ContradictionOf(this);
}
