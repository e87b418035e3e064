using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Acceptance.Tests.Worlds;

/// <summary>Makes a tiny world's base a T5 of v1.1's layout with a head of its own, and its tokenizer one that ends a text as T5's does.</summary>
internal static class TinyT5
{
    private const int Hidden = 32, Layers = 2, Heads = 4, HeadSize = 8, Intermediate = 48, Vocabulary = 257, End = 256;

    public static void Write(TinyWorld world)
    {
        File.WriteAllText(world["base/config.json"], JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "t5",
            ["is_encoder_decoder"] = true,
            ["d_model"] = Hidden,
            ["d_kv"] = HeadSize,
            ["d_ff"] = Intermediate,
            ["num_layers"] = Layers,
            ["num_heads"] = Heads,
            ["feed_forward_proj"] = "gated-gelu",
            ["tie_word_embeddings"] = false,
            ["vocab_size"] = Vocabulary,
            ["eos_token_id"] = End,
            ["decoder_start_token_id"] = 0,
        }));
        var tokenizer = JsonNode.Parse(File.ReadAllText(world["base/tokenizer.json"]))!;
        tokenizer["post_processor"] = JsonNode.Parse("""
            {"type": "TemplateProcessing", "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [256]}},
             "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}]}
            """);
        File.WriteAllText(world["base/tokenizer.json"], tokenizer.ToJsonString());
        world.WriteWeights(Weights());
    }

    private static List<SafetensorsTensor> Weights()
    {
        var random = new PhiloxStream(2, "tiny T5");
        var tensors = new List<SafetensorsTensor> { Random("shared", Vocabulary, Hidden), Random("lm_head", Vocabulary, Hidden) };
        foreach (var (stack, parts) in new[] { ("encoder", new[] { "SelfAttention", "DenseReluDense" }), ("decoder", ["SelfAttention", "EncDecAttention", "DenseReluDense"]) })
        {
            tensors.AddRange([Random($"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias", 32, Heads), Ones($"{stack}.final_layer_norm")]);
            for (var layer = 0; layer < Layers; layer++)
            {
                for (var part = 0; part < parts.Length; part++)
                {
                    var path = $"{stack}.block.{layer}.layer.{part}";
                    tensors.Add(Ones($"{path}.layer_norm"));
                    tensors.AddRange(parts[part] == "DenseReluDense"
                        ? [Random($"{path}.{parts[part]}.wi_0", Intermediate, Hidden), Random($"{path}.{parts[part]}.wi_1", Intermediate, Hidden), Random($"{path}.{parts[part]}.wo", Hidden, Intermediate)]
                        : "qkvo".Select(name => Random($"{path}.{parts[part]}.{name}", Hidden, Hidden)));
                }
            }
        }
        return tensors;

        SafetensorsTensor Random(string name, int rows, int columns) =>
            SafetensorsTensor.Of($"{name}.weight", [rows, columns], Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextGaussian() * 0.1f).ToArray());

        SafetensorsTensor Ones(string name) => SafetensorsTensor.Of($"{name}.weight", [Hidden], Enumerable.Repeat(1f, Hidden).ToArray());
    }
}
