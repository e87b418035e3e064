using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>A model of a few thousand seeded random weights, and its folder.</summary>
internal static class TinyLlama
{
    public static DecoderConfig Config { get; } = new()
    {
        ModelType = "llama",
        VocabularySize = 64,
        HiddenSize = 32,
        Layers = 2,
        ContextLength = 64,
        Heads = 4,
        KeyHeads = 2,
        HeadSize = 8,
        IntermediateSize = 44,
        NormEpsilon = 1e-6,
        Rope = new Rope(10_000, 8),
        TiedHead = false,
    };

    /// <summary>Seeded weights, in the current dispose scope.</summary>
    public static Dictionary<string, Tensor> Weights(ModelConfig config)
    {
        var generator = new Generator(5);
        return config.Weights.ToDictionary(pair => pair.Key,
            pair => pair.Value.Count == 1 ? ones(pair.Value[0]) : randn([.. pair.Value], generator: generator) * 0.2, StringComparer.Ordinal);
    }

    /// <summary>config.json and model.safetensors.</summary>
    public static void Write(string folder, DecoderConfig config, Dictionary<string, Tensor> weights, IReadOnlyDictionary<string, string>? metadata = null)
    {
        WriteFile(Path.Combine(folder, "model.safetensors"), weights, metadata);
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {"model_type": "llama", "vocab_size": {{config.VocabularySize}}, "hidden_size": {{config.HiddenSize}}, "num_hidden_layers": {{config.Layers}},
             "max_position_embeddings": {{config.ContextLength}}, "num_attention_heads": {{config.Heads}}, "num_key_value_heads": {{config.KeyHeads}},
             "head_dim": {{config.HeadSize}}, "intermediate_size": {{config.IntermediateSize}}, "rms_norm_eps": 1e-6, "tie_word_embeddings": {{(config.TiedHead ? "true" : "false")}}}
            """);
    }

    public static void WriteFile(string file, Dictionary<string, Tensor> weights, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = File.Create(file);
        SafetensorsWriter.Write(stream, weights.Select(pair => new SafetensorsTensor(pair.Key, SafetensorsType.F32, pair.Value.shape, () => pair.Value.bytes)), metadata);
    }
}
