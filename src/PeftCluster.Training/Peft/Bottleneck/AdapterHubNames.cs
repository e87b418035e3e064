using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Bottleneck;

/// <summary>What AdapterHub calls models and adapters' files.</summary>
internal static class AdapterHubNames
{
    public const string Weights = "adapter.safetensors";

    /// <summary>The release whose files ours are like.</summary>
    public const string Version = "adapters.1.2.0";

    /// <summary>The class of transformers that a model has, which AdapterHub writes and never reads.</summary>
    public static string ClassOf(ModelConfig model) => model.ModelType switch
    {
        "gpt2" => "GPT2LMHeadModel",
        "gpt_neox" => "GPTNeoXForCausalLM",
        "t5" or "mt5" => $"{model.ModelType.ToUpperInvariant()}ForConditionalGeneration",
        var type => char.ToUpperInvariant(type[0]) + type[1..] + (model.Task == PeftTask.Classification ? "ForSequenceClassification" : "ForCausalLM"),
    };
}
