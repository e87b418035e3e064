using System.Text.Json.Nodes;
using PeftCluster.Examples.Make;

namespace PeftCluster.TFew.Make;

/// <summary>The base's shape: T5 v1.1 (gated feed-forward, a head of its own).</summary>
internal static class BaseConfig
{
    /// <summary>Writes config.json and generation_config.json.</summary>
    public static void Write(string folder, int vocabularySize)
    {
        JsonFile.Write(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["architectures"] = new JsonArray("T5ForConditionalGeneration"),
            ["model_type"] = "t5",
            ["is_encoder_decoder"] = true,
            ["vocab_size"] = vocabularySize,
            ["d_model"] = 64,
            ["d_kv"] = 16,
            ["d_ff"] = 160,
            ["num_layers"] = 2,
            ["num_decoder_layers"] = 2,
            ["num_heads"] = 4,
            ["feed_forward_proj"] = "gated-gelu",
            ["relative_attention_num_buckets"] = 32,
            ["relative_attention_max_distance"] = 64,
            ["layer_norm_epsilon"] = 1e-6,
            ["dropout_rate"] = 0.0,
            ["tie_word_embeddings"] = false,
            ["decoder_start_token_id"] = 0,
            ["pad_token_id"] = 0,
            ["eos_token_id"] = 1,
            ["torch_dtype"] = "float32",
            ["use_cache"] = true,
        });
        JsonFile.Write(Path.Combine(folder, "generation_config.json"), new JsonObject
        {
            ["do_sample"] = false,
            ["decoder_start_token_id"] = 0,
            ["eos_token_id"] = 1,
            ["pad_token_id"] = 0,
        });
    }
}
