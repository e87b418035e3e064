using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Prefix tuning (Li and Liang, arXiv 2101.00190): learnt keys and values stand before each text's own in every layer. With
/// <see cref="PrefixProjection"/> a small network gives them and trains in their place; the adapter's files hold what it gives.
/// </summary>
public sealed record PrefixTuningSpec : PromptSpec, ISavesModules
{
    public override string Type => "prefix_tuning";

    // PEFT's guide and T-Few's configuration.
    public override double DefaultLearningRate => 1e-2;

    /// <summary>Places before each text. They count to the model's context.</summary>
    [In("[1, 4096]")]
    public int NumVirtualTokens { get; init; } = 20;

    /// <summary>Train a network that gives keys and values, instead of them.</summary>
    public bool PrefixProjection { get; init; }

    /// <summary>The width of the network's hidden layer, or null: that of one layer's keys.</summary>
    [In("[1, 65536]")]
    public int? EncoderHiddenSize { get; init; }

    /// <summary>What the keys and values are before the first step.</summary>
    public PrefixInit InitWeights { get; init; } = PrefixInit.Normal;

    /// <summary>Names of modules that are trained whole and saved with the adapter, for example lm_head; null: none.</summary>
    [Items(1, 64), Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ModulesToSave { get; init; }

    public override (string Key, string What)? Contradiction => PrefixProjection switch
    {
        true when InitWeights == PrefixInit.Zero => ("init_weights", "a network of zeros never learns. Remove init_weights, or set prefix_projection: false."),
        false when EncoderHiddenSize is not null => ("encoder_hidden_size", "there is no network without projection. Set prefix_projection: true, or remove it."),
        _ => null,
    };
}

/// <summary>How prefix tuning starts.</summary>
public enum PrefixInit
{
    /// <summary>From a normal distribution, as PEFT.</summary>
    Normal,

    /// <summary>From zeros.</summary>
    Zero,
}
