namespace PeftCluster.Training.Models;

/// <summary>What a model is for, in the words of Hugging Face's files.</summary>
/// <param name="Name">task_type in adapter_config.json.</param>
/// <param name="Pipeline">pipeline_tag of a model card.</param>
/// <param name="AutoModel">The class of transformers that loads such a model.</param>
public sealed record PeftTask(string Name, string Pipeline, string AutoModel)
{
    public static PeftTask CausalLanguageModel { get; } = new("CAUSAL_LM", "text-generation", "AutoModelForCausalLM");

    public static PeftTask EncoderDecoder { get; } = new("SEQ_2_SEQ_LM", "text2text-generation", "AutoModelForSeq2SeqLM");

    public static PeftTask Classification { get; } = new("SEQ_CLS", "text-classification", "AutoModelForSequenceClassification") { SavedModules = ["classifier", "score"] };

    public static IReadOnlyList<PeftTask> All { get; } = [CausalLanguageModel, EncoderDecoder, Classification];

    /// <summary>Modules that are trained whole and saved beside any adapter, since a base model has none that is fit: PEFT's modules_to_save.</summary>
    public IReadOnlyList<string> SavedModules { get; private init; } = [];

    /// <summary>The task of a name; null where it is none that is computed here.</summary>
    public static PeftTask? Of(string? name) => All.FirstOrDefault(task => task.Name == name);
}
