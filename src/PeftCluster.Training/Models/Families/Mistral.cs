namespace PeftCluster.Training.Models.Families;

/// <summary>Mistral (arXiv 2310.06825): llama with a window. Names and defaults are those of transformers' MistralConfig.</summary>
internal static class Mistral
{
    public static DecoderConfig Read(ModelConfigFile file)
    {
        file.RefuseFlags("attention_bias", "mlp_bias");
        var config = DecoderKeys.Read(file, new DecoderDefaults { ContextLength = 4096 * 32, KeyHeads = 8 });
        return config with { Windows = WindowKeys.Same(config, WindowKeys.Size(file, 4096)) };
    }
}
