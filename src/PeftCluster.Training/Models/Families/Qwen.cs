namespace PeftCluster.Training.Models.Families;

/// <summary>
/// Qwen 2 (arXiv 2407.10671): llama with biases of query, key and value. Qwen 3 (arXiv 2505.09388): norms of each head's query and key
/// instead. Names and defaults are those of transformers' Qwen2Config and Qwen3Config.
/// </summary>
internal static class Qwen
{
    private const int KeyHeads = 32;
    private const int ContextLength = 32768;

    public static DecoderConfig Read2(ModelConfigFile file)
    {
        file.RefuseFlags("mlp_bias");
        var config = DecoderKeys.Read(file, new DecoderDefaults { ContextLength = ContextLength, KeyHeads = KeyHeads });
        return config with { QueryKeyValueBias = true, Windows = Windows(file, config) };
    }

    public static DecoderConfig Read3(ModelConfigFile file)
    {
        file.RefuseFlags("mlp_bias");
        var config = DecoderKeys.Read(file, new DecoderDefaults { ContextLength = ContextLength, KeyHeads = KeyHeads, HeadSize = 128 });
        var bias = file.Flag("attention_bias");
        return config with
        {
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            Windows = Windows(file, config),
            Names = new DecoderNames { QueryNorm = "self_attn.q_norm", KeyNorm = "self_attn.k_norm" },
        };
    }

    // A window holds only where the flag is on, and from a layer on.
    private static IReadOnlyList<int?> Windows(ModelConfigFile file, DecoderConfig config)
    {
        var window = file.Flag("use_sliding_window") ? WindowKeys.Size(file, 4096) : null;
        var first = file.Whole("max_window_layers", 28);
        return WindowKeys.PerLayer(file, config, window, layer => window is not null && layer >= first);
    }
}
