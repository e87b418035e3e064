using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Training.Tests.AdapterFiles;

/// <summary>A folder as somebody else may have written it: a configuration, and tensors of zeros unless others are given.</summary>
internal static class AdapterOnDisk
{
    public const string A = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
    public const string B = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";

    public static TemporaryFolder Of(string config, params SafetensorsTensor[] tensors)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("adapter_config.json"), config);
        using var weights = File.Create(folder.File("adapter_model.safetensors"));
        SafetensorsWriter.Write(weights, tensors.Length > 0 ? tensors : [SafetensorsTensor.Of(A, [2, 3], new float[6]), SafetensorsTensor.Of(B, [4, 2], new float[8])]);
        return folder;
    }
}
