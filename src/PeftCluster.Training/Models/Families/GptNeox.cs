namespace PeftCluster.Training.Models.Families;

/// <summary>
/// GPT-NeoX and Pythia (arXiv 2204.06745, 2304.01373): attention and MLP beside each other, a part of each head rotated, query, key and value
/// head by head in one layer, layer norms, biases, a plain MLP. Names and defaults are those of transformers' GPTNeoXConfig.
/// </summary>
internal static class GptNeox
{
    private static readonly DecoderDefaults Defaults = new()
    {
        NormEpsilon = 1e-5,
        NormKey = "layer_norm_eps",
        Rotated = 0.25,
        Activation = Activation.Gelu,
    };

    public static DecoderConfig Read(ModelConfigFile file)
    {
        var bias = file.Flag("attention_bias", otherwise: true);
        return DecoderKeys.Read(file, Defaults) with
        {
            CentredNorm = true,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MlpBias = true,
            ParallelResidual = file.Flag("use_parallel_residual", otherwise: true),
            InterleavedHeads = true,
            Names = Names,
        };
    }

    private static DecoderNames Names { get; } = new()
    {
        Embedding = "gpt_neox.embed_in",
        Layers = "gpt_neox.layers",
        LastNorm = "gpt_neox.final_layer_norm",
        Head = "embed_out",
        QueryKeyValue = "attention.query_key_value",
        AttentionOutput = "attention.dense",
        Gate = null,
        Up = "mlp.dense_h_to_4h",
        Down = "mlp.dense_4h_to_h",
    };
}
