using PeftCluster.Jobs;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft;

/// <summary>
/// The modules that a method adapts where a job names none: Hugging Face PEFT's defaults, by config.json's model_type. A family is one
/// line in each method's table.
/// </summary>
public static class DefaultTargets
{
    private static readonly Dictionary<string, string[]> LoraTable = new(StringComparer.Ordinal)
    {
        ["bert"] = ["query", "value"],
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
        ["roberta"] = ["query", "value"],
        ["t5"] = ["q", "v"],
    };

    // Where AdaLoRA's are others than LoRA's.
    private static readonly Dictionary<string, string[]> AdaloraTable = new(StringComparer.Ordinal)
    {
        ["mt5"] = ["q", "k", "v", "o", "wi_0", "wi_1", "wo"],
        ["roberta"] = ["query", "key", "value", "dense"],
        ["t5"] = ["q", "k", "v", "o", "wi", "wo"],
    };

    // Feed-forward modules, whose input is rescaled, stand last and once more by themselves.
    private static readonly Dictionary<string, (string[] Targets, string[] Feedforward)> Ia3Table = new(StringComparer.Ordinal)
    {
        ["bert"] = (["key", "value", "output.dense"], ["output.dense"]),
        ["gemma"] = (["q_proj", "v_proj", "down_proj"], ["down_proj"]),
        ["gemma2"] = (["q_proj", "v_proj", "down_proj"], ["down_proj"]),
        ["gpt2"] = (["c_attn", "mlp.c_proj"], ["mlp.c_proj"]),
        ["gpt_neox"] = (["query_key_value", "dense_4h_to_h"], ["dense_4h_to_h"]),
        ["llama"] = (["k_proj", "v_proj", "down_proj"], ["down_proj"]),
        ["mistral"] = (["k_proj", "v_proj", "down_proj"], ["down_proj"]),
        ["mt5"] = (["k", "v", "wi_1"], []),
        ["phi3"] = (["qkv_proj", "down_proj"], ["down_proj"]),
        ["qwen2"] = (["q_proj", "v_proj", "down_proj"], ["down_proj"]),
        ["qwen3"] = (["q_proj", "v_proj", "down_proj"], ["down_proj"]),
        ["roberta"] = (["key", "value", "output.dense"], ["output.dense"]),
        ["t5"] = (["k", "v", "wo"], ["wo"]),
    };

    /// <summary>LoRA's.</summary>
    /// <exception cref="BadInputException">None are known for this family.</exception>
    public static IReadOnlyList<string> Lora(ModelConfig model) => LoraTable.TryGetValue(model.ModelType, out var names) ? names : throw Unknown(model, "target_modules");

    /// <summary>AdaLoRA's.</summary>
    /// <exception cref="BadInputException">None are known for this family.</exception>
    public static IReadOnlyList<string> Adalora(ModelConfig model) => AdaloraTable.TryGetValue(model.ModelType, out var names) ? names : Lora(model);

    /// <summary>IA3's.</summary>
    /// <exception cref="BadInputException">None are known for this family.</exception>
    public static IReadOnlyList<string> Ia3(ModelConfig model) => Ia3Table.TryGetValue(model.ModelType, out var names) ? names.Targets : throw Unknown(model, "target_modules");

    /// <summary>The modules whose input IA3 rescales.</summary>
    /// <exception cref="BadInputException">None are known for this family.</exception>
    public static IReadOnlyList<string> Ia3Feedforward(ModelConfig model) =>
        Ia3Table.TryGetValue(model.ModelType, out var names) ? names.Feedforward : throw Unknown(model, "feedforward_modules");

    private static BadInputException Unknown(ModelConfig model, string key) =>
        new($"method.{key}: there is no default for model_type {model.ModelType}. Name the modules.");
}
