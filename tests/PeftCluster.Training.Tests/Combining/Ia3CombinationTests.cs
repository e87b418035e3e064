using System.Runtime.InteropServices;
using System.Text.Json;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.Combining;
using PeftCluster.Training.Tests.Golden;
using TorchSharp;

namespace PeftCluster.Training.Tests.Combining;

/// <summary>
/// IA3 adapters as one, from the formula of PEFT's <c>IA3Model._add_weighted_adapter</c>: l begins as zero, and wᵢ lᵢ of each adapter that has the module is added,
/// whatever the weights sum to. The numbers are made here and the sums computed here.
/// </summary>
public sealed class Ia3CombinationTests : IDisposable
{
    private const string Keys = "base_model.model.model.layers.0.self_attn.k_proj.ia3_l", Values = "base_model.model.model.layers.0.self_attn.v_proj.ia3_l", Down = "base_model.model.model.layers.0.mlp.down_proj.ia3_l";
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task A_vector_is_the_weighted_sum_of_those_that_have_the_module() => OnDevice.Run(() =>
    {
        Make("a", (Keys, [4, 1], [1, 2, -0.5f, 0]), (Down, [1, 3], [1.5f, 1, 0.25f]));
        Make("b", (Keys, [4, 1], [0.5f, 1, 3, -1]), (Values, [4, 1], [1, 1, 2, 4]), (Down, [1, 3], [-2, 1, 8]));
        Make("c", (Values, [4, 1], [3, 0.5f, 1, 1]), (Down, [1, 3], [1, 1, 1]));
        var warnings = new List<string>();

        var made = AdapterCombination.Write([_folder.File("a"), _folder.File("b"), _folder.File("c")], _folder.File("new"), new CombinationSpec(CombinationType.Linear, [0.75, -0.5, 2]), warnings.Add, default);

        var combined = GoldenFiles.Read(made.Folder, "adapter_model.safetensors");
        // Of a and b: 0.75 · l_a − 0.5 · l_b.
        Assert.Equal([0.5f, 1, -1.875f, 0.5f], Of(combined[Keys], 4, 1));
        // Of b and c: −0.5 · l_b + 2 · l_c.
        Assert.Equal([5.5f, 0.5f, 1, 0], Of(combined[Values], 4, 1));
        // Of all.
        Assert.Equal([4.125f, 2.25f, -1.8125f], Of(combined[Down], 1, 3));
        Assert.Equal(3, combined.Count);
        var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(made.Folder, "adapter_config.json"))).RootElement;
        Assert.Equal(["down_proj", "k_proj", "v_proj"], config.GetProperty("target_modules").EnumerateArray().Select(name => name.GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(["down_proj"], config.GetProperty("feedforward_modules").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains(", so the base's own values are multiplied by that", Assert.Single(warnings), StringComparison.Ordinal);
    });

    public void Dispose() => _folder.Dispose();

    private static float[] Of(torch.Tensor vector, params long[] shape)
    {
        Assert.Equal(shape, vector.shape);
        return MemoryMarshal.Cast<byte, float>(vector.bytes).ToArray();
    }

    private void Make(string name, params (string Key, long[] Shape, float[] Numbers)[] vectors)
    {
        Directory.CreateDirectory(_folder.File(name));
        var targets = string.Join(", ", vectors.Select(vector => $"\"{vector.Key.Split('.')[^2]}\""));
        File.WriteAllText(Path.Combine(_folder.File(name), "adapter_config.json"),
            $$"""{"peft_type": "IA3", "task_type": "CAUSAL_LM", "base_model_name_or_path": "some/base", "target_modules": [{{targets}}], "feedforward_modules": ["down_proj"]}""");
        using var stream = File.Create(Path.Combine(_folder.File(name), "adapter_model.safetensors"));
        SafetensorsWriter.Write(stream, vectors.Select(vector => SafetensorsTensor.Of(vector.Key, vector.Shape, vector.Numbers)), SafetensorsWriter.PyTorch);
    }
}
