namespace PeftCluster.Training.Models.Families;

/// <summary>
/// Llama 2 and 3 (Touvron et al., arXiv 2302.13971, 2307.09288; 2407.21783). Names and defaults are those of transformers' LlamaConfig.
/// </summary>
internal static class Llama
{
    public static DecoderConfig Read(ModelConfigFile file)
    {
        var bias = file.Flag("attention_bias");
        return DecoderKeys.Read(file, new DecoderDefaults()) with
        {
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MlpBias = file.Flag("mlp_bias"),
        };
    }
}
