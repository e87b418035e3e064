namespace PeftCluster.Training.Models.Families;

/// <summary>
/// Phi 3 and 4 (arXiv 2404.14219): llama with query, key and value in one layer, and gate and up in another. Names and defaults are those
/// of transformers' Phi3Config.
/// </summary>
internal static class Phi3
{
    public static DecoderConfig Read(ModelConfigFile file)
    {
        file.RefuseFlags("attention_bias", "mlp_bias");
        var config = DecoderKeys.Read(file, new DecoderDefaults { ContextLength = 4096, NormEpsilon = 1e-5 });
        return config with
        {
            Windows = WindowKeys.Same(config, WindowKeys.Size(file, null)),
            Names = new DecoderNames { QueryKeyValue = "self_attn.qkv_proj", GateUp = "mlp.gate_up_proj" },
        };
    }
}
