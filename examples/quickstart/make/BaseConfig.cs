using System.Text.Json.Nodes;
using PeftCluster.Examples.Make;

namespace PeftCluster.Quickstart.Make;

/// <summary>
/// The base's shape: llama, four layers, 1.7 million numbers (7 MB in float32). The head is the embedding, which saves a
/// tenth of them.
/// </summary>
internal static class BaseConfig
{
    public const int ContextLength = 512;

    /// <summary>Writes config.json and generation_config.json.</summary>
    public static void Write(string folder, int vocabularySize, int endId)
    {
        JsonFile.Write(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["model_type"] = "llama",
            ["vocab_size"] = vocabularySize,
            ["hidden_size"] = 192,
            ["intermediate_size"] = 512,
            ["num_hidden_layers"] = 4,
            ["num_attention_heads"] = 6,
            ["num_key_value_heads"] = 3,
            ["head_dim"] = 32,
            ["hidden_act"] = "silu",
            ["max_position_embeddings"] = ContextLength,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10000.0,
            ["attention_bias"] = false,
            ["mlp_bias"] = false,
            ["tie_word_embeddings"] = true,
            ["bos_token_id"] = null,
            ["eos_token_id"] = endId,
            ["pad_token_id"] = endId,
            ["torch_dtype"] = "float32",
            ["use_cache"] = true,
        });
        JsonFile.Write(Path.Combine(folder, "generation_config.json"), new JsonObject
        {
            ["do_sample"] = false,
            ["eos_token_id"] = endId,
            ["pad_token_id"] = endId,
        });
    }
}
