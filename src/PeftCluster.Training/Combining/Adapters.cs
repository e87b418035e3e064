using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Training.Combining;

/// <summary>What adapters of each method that can be combined must have in common.</summary>
internal static class Adapters
{
    /// <summary>Names or expressions that choose what any of the adapters chooses, as PEFT joins them.</summary>
    /// <exception cref="BadInputException">Some are names and some are expressions.</exception>
    public static ValueList<string> Together(IReadOnlyList<AdapterFolder> adapters, IReadOnlyList<ValueList<string>> targets)
    {
        var patterns = targets.Count(ModuleNames.IsPattern);
        if (patterns == 0)
            return [.. targets.SelectMany(names => names).Distinct(StringComparer.Ordinal)];
        if (patterns == targets.Count)
            return [string.Join('|', targets.Select(pattern => $"({pattern[0]})"))];
        var other = adapters[targets.Index().First(pair => ModuleNames.IsPattern(pair.Item) != ModuleNames.IsPattern(targets[0])).Index];
        throw new BadInputException($"{other.Config.Path}: target_modules: names in one adapter and an expression in another cannot be one configuration. Write both in one way.");
    }

    /// <summary>Refuses tensors that the combination would lose.</summary>
    /// <exception cref="BadInputException">There is one.</exception>
    public static void RefuseBeside(AdapterFolder adapter, IReadOnlySet<string> combined)
    {
        if (adapter.Weights.Tensors.FirstOrDefault(tensor => !combined.Contains(tensor.Name) && !AdapterWeights.IsBase(tensor.Name)) is { } beside)
            throw new BadInputException($"{adapter.Weights.Path}: \"{beside.Name}\" cannot be combined: trained modules, biases, tokens and heads have no weighted sum in PEFT. Fold the adapter into its base with peft merge.");
    }
}
