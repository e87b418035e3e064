namespace PeftCluster.Training.Models.Families;

/// <summary>
/// Gemma (arXiv 2403.08295): embeddings times √D, norms whose files hold the difference from one, gelu gate, tied head. Gemma 2
/// (arXiv 2408.00118) adds norms of each block's output, caps, and a window in every other layer. Names and defaults are those of
/// transformers' GemmaConfig and Gemma2Config.
/// </summary>
internal static class Gemma
{
    private static readonly DecoderDefaults Defaults = new() { ContextLength = 8192, HeadSize = 256, TiedHead = true, Activation = Activation.GeluTanh };

    public static DecoderConfig Read1(ModelConfigFile file)
    {
        // Transformers' first releases wrote the activation under another key too, which then counted.
        var key = file.Has("hidden_activation") ? "hidden_activation" : "hidden_act";
        return Read(file, Defaults with { KeyHeads = 16, ActivationKey = key });
    }

    public static DecoderConfig Read2(ModelConfigFile file)
    {
        var config = Read(file, Defaults with { KeyHeads = 4, ActivationKey = "hidden_activation" });
        return config with
        {
            AttentionScale = 1 / Math.Sqrt(file.PositiveNumber("query_pre_attn_scalar", 256)),
            AttentionCap = Cap(file, "attn_logit_softcapping", 50),
            LogitCap = Cap(file, "final_logit_softcapping", 30),
            Windows = WindowKeys.PerLayer(file, config, WindowKeys.Size(file, 4096), layer => layer % 2 == 0),
            Names = new DecoderNames
            {
                AttentionOutputNorm = "post_attention_layernorm",
                MlpNorm = "pre_feedforward_layernorm",
                MlpOutputNorm = "post_feedforward_layernorm",
            },
        };
    }

    private static DecoderConfig Read(ModelConfigFile file, DecoderDefaults defaults)
    {
        file.RefuseFlags("mlp_bias");
        var bias = file.Flag("attention_bias");
        var config = DecoderKeys.Read(file, defaults);
        return config with
        {
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            NormOffset = 1,
            EmbeddingScale = Math.Sqrt(config.HiddenSize),
        };
    }

    private static double? Cap(ModelConfigFile file, string key, double otherwise) => file.IsNull(key) ? null : file.PositiveNumber(key, otherwise);
}
