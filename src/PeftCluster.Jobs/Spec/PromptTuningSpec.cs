using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Prompt tuning (Lester et al., arXiv 2104.08691): embeddings of tokens that do not exist stand before each text and are all that is
/// trained. The fewest parameters of all methods; it needs a high rate and a start from real embeddings.
/// </summary>
public sealed record PromptTuningSpec : PromptSpec, ISavesModules
{
    public override string Type => "prompt_tuning";

    // T-Few and Lester use 0.3 with Adafactor, whose steps are shares of the embedding's own size; AdamW's are not. PEFT's guide: 0.03.
    public override double DefaultLearningRate => 3e-2;

    /// <summary>Virtual tokens before each text. They count to the model's context.</summary>
    [In("[1, 4096]")]
    public int NumVirtualTokens { get; init; } = 20;

    /// <summary>What the virtual tokens are before the first step.</summary>
    public PromptTuningInit PromptTuningInit { get; init; } = PromptTuningInit.SampleVocab;

    /// <summary>The text of the start <c>text</c>: its tokens, repeated or cut to the number of virtual tokens.</summary>
    public string? PromptTuningInitText { get; init; }

    /// <summary>Names of modules that are trained whole and saved with the adapter, for example lm_head; null: none.</summary>
    [Items(1, 64), Pattern(ModuleNames.Name, "a module's name"), AddedLater]
    public ValueList<string>? ModulesToSave { get; init; }

    public override (string Key, string What)? Contradiction => (PromptTuningInit, PromptTuningInitText) switch
    {
        (PromptTuningInit.Text, null) => ("prompt_tuning_init", "text needs a text to start from. Add prompt_tuning_init_text, or choose another start."),
        (not PromptTuningInit.Text, not null) => ("prompt_tuning_init_text", "only the start text uses it. Set prompt_tuning_init: text, or remove it."),
        _ => null,
    };
}

/// <summary>How prompt tuning starts.</summary>
public enum PromptTuningInit
{
    /// <summary>From the embeddings of tokens drawn from the vocabulary.</summary>
    SampleVocab,

    /// <summary>From a normal distribution, PEFT's default. Its numbers are far larger than embeddings are: it learns badly.</summary>
    Random,

    /// <summary>From the embeddings of a text's tokens.</summary>
    Text,
}
