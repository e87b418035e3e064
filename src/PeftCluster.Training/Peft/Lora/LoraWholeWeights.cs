using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>The model's own weights that a LoRA job trains too: biases, and whole modules.</summary>
internal static class LoraWholeWeights
{
    /// <exception cref="BadInputException">A module that the model does not have, or cannot be trained whole.</exception>
    public static IReadOnlyList<WholeWeight> Of(LoraSpec spec, ModelConfig model, IReadOnlyList<LoraTarget> targets)
    {
        var modules = spec.ModulesToSave ?? [];
        SavedModules.Check(model, modules, [.. targets.Select(target => target.Layer.Path)]);
        return [.. Biases(spec, model, targets), .. SavedModules.Of(model, modules, AdapterFolder.KeyPrefix, shape => Group(spec, shape.Count == 1))];
    }

    // PEFT takes every weight with bias in its name. An adapted layer's lies one level deeper there.
    private static IEnumerable<WholeWeight> Biases(LoraSpec spec, ModelConfig model, IReadOnlyList<LoraTarget> targets)
    {
        var adapted = targets.Select(target => $"{target.Layer.Path}.bias").ToHashSet(StringComparer.Ordinal);
        foreach (var name in model.Weights.Keys.Where(name => name.Contains("bias", StringComparison.Ordinal)))
        {
            if (adapted.Contains(name) && spec.Bias != LoraBias.None)
                yield return new WholeWeight(name, $"{AdapterFolder.KeyPrefix}{name[..^".bias".Length]}.base_layer.bias", Group(spec, true));
            else if (spec.Bias == LoraBias.All)
                yield return new WholeWeight(name, AdapterFolder.KeyPrefix + name, Group(spec, true));
        }
    }

    /// <summary>How a tensor learns that is neither A nor B: LoRA+ lets what is a row of numbers learn as B does, without decay.</summary>
    internal static ParameterGroup Group(LoraSpec spec, bool isRow) => isRow && spec.LoraplusLrRatio is { } ratio ? new ParameterGroup(ratio, WeightDecays: false) : new ParameterGroup();
}
