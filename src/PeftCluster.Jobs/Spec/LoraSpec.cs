using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Low-rank adaptation (Hu et al., arXiv 2106.09685): y = Wx + s·B(A·dropout(x)), s = lora_alpha ÷ r,
/// or lora_alpha ÷ √r with <see cref="UseRslora"/> (Kalajdzievski, arXiv 2312.03732). With <see cref="UseDora"/> it is weight-decomposed
/// (Liu et al., arXiv 2402.09353): a learnt length m for each output, y = m∘(Wx + s·BAx) ÷ ‖W + s·BA‖ + b.
/// </summary>
public sealed record LoraSpec : MethodSpec, ISavesModules, IChoosesLayers
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
    /// "." + name) and, by their names, a decoder's embedding and the output head, the one word <c>all-linear</c> (every linear layer but the head), one regular expression
    /// that matches whole paths, or null: the family's default.
    /// </summary>
    [Items(1, 1024), OrWord("all-linear"), OrPattern, Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string>? TargetModules { get; init; }

    /// <summary>Divide alpha by √r instead of r.</summary>
    public bool UseRslora { get; init; }

    /// <summary>Train a length for each output beside the low-rank change of direction (DoRA).</summary>
    [AddedLater]
    public bool UseDora { get; init; }

    /// <summary>
    /// How A and B begin: <c>default</c> (uniform A, B zero), <c>gaussian</c> (A from N(0, 1 ÷ r), B zero), or from the base's weight, of which
    /// as much is taken away: <c>pissa</c> (its largest singular directions: Meng et al., arXiv 2404.02948), <c>pissa_niter_16</c> (the same,
    /// approximated in 16 rounds: faster), <c>olora</c> (its QR decomposition: Büyükakyüz, arXiv 2406.01775). What is exported works on the base as it is: a LoRA of rank 2r.
    /// </summary>
    [Pattern("^(default|gaussian|pissa|pissa_niter_[1-9][0-9]{0,2}|olora)$", "one of default, gaussian, pissa, pissa_niter_N, olora"), AddedLater]
    public string InitLoraWeights { get; init; } = "default";

    /// <summary>The learning rate of B, of biases and of lengths as a multiple of A's, or null: they learn alike (LoRA+: Hayou et al., arXiv 2402.12354, who take 16).</summary>
    [In("(0, 10000]"), AddedLater]
    public double? LoraplusLrRatio { get; init; }

    /// <summary>With <see cref="LoraplusLrRatio"/>: the learning rate of an adapted embedding as a share of A's.</summary>
    [In("(0, 10000]"), AddedLater]
    public double LoraplusEmbeddingRatio { get; init; } = 0.005;

    /// <summary>Token ids whose rows of the embedding are trained too, in the order of the file; null: none.</summary>
    [Items(1, 65536), In("[0, 16777215]"), AddedLater]
    public ValueList<int>? TrainableTokenIndices { get; init; }

    /// <summary>Which of the model's biases are trained too.</summary>
    [AddedLater]
    public LoraBias Bias { get; init; }

    /// <summary>Train a bias b of B's own too, which begins as zero: y = Wx + s·(B(A·dropout(x)) + b). Such an adapter can be merged only where each adapted layer has a bias.</summary>
    [AddedLater]
    public bool LoraBias { get; init; }

    /// <summary>Names of modules that are trained whole and saved with the adapter, for example lm_head; null: none.</summary>
    [Items(1, 64), Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ModulesToSave { get; init; }

    /// <summary>Names of modules, or one regular expression that matches whole paths, that get no adapter though they are targets.</summary>
    [Items(1, 1024), OrPattern, Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ExcludeModules { get; init; }

    /// <summary>Only modules in layers of these numbers are targets; null: in all layers.</summary>
    [Items(1, 1024), In("[0, 9999]"), AddedLater]
    public ValueList<int>? LayersToTransform { get; init; }

    /// <summary>With <see cref="LayersToTransform"/>: the part of a path that stands before the layer's number, for example layers, h or block; of several names the first that a path has. Null: the first number of a path is its layer's.</summary>
    [Items(1, 16), OrOneName, Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? LayersPattern { get; init; }

    /// <summary>Other ranks for some modules: the end of a path (a regular expression) and its r. The first that matches counts.</summary>
    [Items(1, 1024), In("[1, 4096]"), AddedLater]
    public ValueMap<int>? RankPattern { get; init; }

    /// <summary>Other values of <see cref="LoraAlpha"/> for some modules, as in <see cref="RankPattern"/>.</summary>
    [Items(1, 1024), In("(0, 65536]"), AddedLater]
    public ValueMap<double>? AlphaPattern { get; init; }

    /// <summary>Whether A and B begin as a part of the base's weight.</summary>
    public bool StartsFromBase => InitLoraWeights is not ("default" or "gaussian");

    public override (string Key, string What)? Contradiction => this switch
    {
        { UseDora: true, StartsFromBase: true } => ("use_dora", $"init_lora_weights is {InitLoraWeights}, which needs plain LoRA. Use one of the two."),
        // PEFT's own refusals.
        { LoraBias: true, UseDora: true } => ("lora_bias", "use_dora is true, and DoRA has no bias beside B. Use one of the two."),
        { LoraBias: true, InitLoraWeights: not "default" } => ("lora_bias", $"init_lora_weights is {InitLoraWeights}, and a bias beside B needs the default. Use one of the two."),
        _ => IChoosesLayers.ContradictionOf(this),
    };
}

/// <summary>Which biases are trained beside the adapter.</summary>
public enum LoraBias
{
    /// <summary>None.</summary>
    None,

    /// <summary>All of the model's, those of norms too.</summary>
    All,

    /// <summary>Those of the adapted layers.</summary>
    LoraOnly,
}
