using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// P-tuning (Liu et al., arXiv 2103.10385): prompt tuning whose embeddings come out of a small network of three layers, which trains in their
/// place. The adapter's files hold what it gives, not the network, so that training cannot go on from them.
/// </summary>
public sealed record PTuningSpec : PromptSpec, ISavesModules
{
    public override string Type => "p_tuning";

    // PEFT's guide. The network's weights move, not the embeddings themselves: prompt tuning's rate would be too high.
    public override double DefaultLearningRate => 1e-3;

    /// <summary>Virtual tokens before each text. They count to the model's context.</summary>
    [In("[1, 4096]")]
    public int NumVirtualTokens { get; init; } = 20;

    /// <summary>The width of the network's hidden layers, or null: that of the model's embeddings.</summary>
    [In("[1, 65536]")]
    public int? EncoderHiddenSize { get; init; }

    /// <summary>Names of modules that are trained whole and saved with the adapter, for example lm_head; null: none.</summary>
    [Items(1, 64), Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ModulesToSave { get; init; }
}
