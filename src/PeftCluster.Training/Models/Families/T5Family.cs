using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Training.Models.T5;

namespace PeftCluster.Training.Models.Families;

/// <summary>
/// T5, T5 v1.1 with T0 and Flan-T5, and mT5 (arXiv 1910.10683, 2002.05202, 2010.11934). Names and defaults are those of transformers' T5Config and
/// MT5Config. Unusual: files tell more than the configuration. Whether the head is tied is told by a weight of its own lying in the files, since
/// newer transformers write tie_word_embeddings: true for all, and scale_decoder_outputs beside it. dropout_rate is not computed; see
/// docs/decisions.md.
/// </summary>
internal static class T5Family
{
    private static readonly Dictionary<string, (bool Gated, Activation Activation)> FeedForwards = new(StringComparer.Ordinal)
    {
        ["relu"] = (false, Activation.Relu),
        ["gelu"] = (false, Activation.Gelu),
        ["gelu_new"] = (false, Activation.GeluTanh),
        ["silu"] = (false, Activation.Silu),
        ["gated-gelu"] = (true, Activation.GeluTanh), // Not gelu: transformers reads it so.
        ["gated-relu"] = (true, Activation.Relu),
        ["gated-silu"] = (true, Activation.Silu),
    };

    public static T5Config ReadT5(ModelConfigFile file)
    {
        var tied = file.Flag("tie_word_embeddings", otherwise: true);
        return Read(file, new Defaults("relu", 6, 8, 2048, 32128), tied) with { ScaledHead = file.Flag("scale_decoder_outputs", otherwise: tied) };
    }

    public static T5Config ReadMt5(ModelConfigFile file) =>
        Read(file, new Defaults("gated-gelu", 8, 6, 1024, 250112), file.Flag("tie_word_embeddings")) with { ScaledHead = file.Flag("scale_decoder_outputs") };

    private sealed record Defaults(string FeedForward, int Layers, int Heads, int IntermediateSize, int VocabularySize);

    private static T5Config Read(ModelConfigFile file, Defaults defaults, bool tied)
    {
        if (file.Has("quantization_config"))
            throw file.Unsupported("quantization_config", "only float32, bfloat16 and float16 weights are");
        var feedForward = file.Text("feed_forward_proj") ?? defaults.FeedForward;
        if (!FeedForwards.TryGetValue(feedForward, out var kind))
            throw file.Unsupported($"feed_forward_proj \"{feedForward}\"", $"known are {string.Join(", ", FeedForwards.Keys)}");
        var layers = file.Layers("num_layers", defaults.Layers);
        var config = new T5Config
        {
            ModelType = file.Text("model_type")!,
            VocabularySize = file.Positive("vocab_size", defaults.VocabularySize),
            HiddenSize = file.Positive("d_model", 512),
            Layers = layers,
            DecoderLayers = file.Layers("num_decoder_layers", layers),
            ContextLength = int.MaxValue,
            Heads = file.Positive("num_heads", defaults.Heads),
            KeyHeads = file.Positive("num_heads", defaults.Heads),
            HeadSize = file.Positive("d_kv", 64),
            IntermediateSize = file.Positive("d_ff", defaults.IntermediateSize),
            Gated = kind.Gated,
            Activation = kind.Activation,
            NormEpsilon = file.PositiveNumber("layer_norm_epsilon", 1e-6),
            Buckets = file.Positive("relative_attention_num_buckets", 32),
            FarthestPlace = file.Positive("relative_attention_max_distance", 128),
            TiedHead = tied && !file.HasWeight("lm_head.weight"),
            ScaledHead = false,
            StartToken = file.Whole("decoder_start_token_id", file.Whole("pad_token_id", 0)),
        };
        Check(file, config);
        return config;
    }

    private static void Check(ModelConfigFile file, T5Config config)
    {
        if (config.Buckets % 2 != 0 || config.Buckets < 4)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: relative_attention_num_buckets: {config.Buckets} is not an even number from 4."));
        // The decoder's buckets are exact up to half their number, and a logarithm needs something beyond.
        if (config.FarthestPlace <= config.Buckets / 2)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"{file.Path}: relative_attention_max_distance: {config.FarthestPlace} must be above half of relative_attention_num_buckets, {config.Buckets}."));
        if (config.StartToken >= config.VocabularySize)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: decoder_start_token_id: {config.StartToken} is none of {config.VocabularySize} tokens."));
    }
}
