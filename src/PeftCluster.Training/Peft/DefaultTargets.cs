using PeftCluster.Jobs;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft;

/// <summary>
/// The modules that a method adapts where a job names none: Hugging Face PEFT's defaults, by config.json's model_type. A family is one
/// line in each method's table.
/// </summary>
internal static class DefaultTargets
{
    private static readonly Dictionary<string, string[]> LoraTable = new(StringComparer.Ordinal)
    {
        ["gemma"] = ["q_proj", "v_proj"],
        ["gemma2"] = ["q_proj", "v_proj"],
        ["gpt2"] = ["c_attn"],
        ["gpt_neox"] = ["query_key_value"],
        ["llama"] = ["q_proj", "v_proj"],
        ["mistral"] = ["q_proj", "v_proj"],
        ["mt5"] = ["q", "v"],
        ["phi3"] = ["qkv_proj"],
        ["qwen2"] = ["q_proj", "v_proj"],
        ["qwen3"] = ["q_proj", "v_proj"],
        ["t5"] = ["q", "v"],
    };

    /// <summary>LoRA's.</summary>
    /// <exception cref="BadInputException">None are known for this family.</exception>
    public static IReadOnlyList<string> Lora(ModelConfig model) => LoraTable.TryGetValue(model.ModelType, out var names) ? names : throw Unknown(model);

    private static BadInputException Unknown(ModelConfig model) =>
        new($"method.target_modules: there is no default for model_type {model.ModelType}. Name the modules.");
}
