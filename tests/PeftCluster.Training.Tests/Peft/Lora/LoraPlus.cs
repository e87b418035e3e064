using System.Text.Json;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Training.Tests.Peft.Lora;

/// <summary>What a case with groups.json, PEFT's create_loraplus_optimizer, says of rates: an adapter's own file does not.</summary>
internal static class LoraPlus
{
    /// <summary>The method with the case's ratios, and the rate of A; without groups.json the method itself, and the rate of all other cases.</summary>
    public static (MethodSpec Method, double LearningRate) Of(MethodSpec method, string folder)
    {
        if (!File.Exists(Path.Combine(folder, "groups.json")))
            return (method, 1e-2);
        var groups = Groups(folder);
        double Rate(string part) => groups.First(group => group.Key.Contains(part, StringComparison.Ordinal)).Rate;
        var rate = Rate(".lora_A.");
        return ((LoraSpec)method with { LoraplusLrRatio = Rate(".lora_B.") / rate, LoraplusEmbeddingRatio = Rate(".lora_embedding_A") / rate }, rate);
    }

    /// <summary>Each tensor's rate and decay.</summary>
    public static IReadOnlyList<(string Key, double Rate, double Decay)> Groups(string folder) =>
    [
        .. JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "groups.json"))).RootElement.EnumerateArray().SelectMany(group => group.GetProperty("params").EnumerateArray()
            .Select(key => (key.GetString()!, group.GetProperty("lr").GetDouble(), group.GetProperty("weight_decay").GetDouble()))),
    ];
}
