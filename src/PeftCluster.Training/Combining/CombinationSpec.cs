using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Training.Combining;

/// <summary>How adapters are combined.</summary>
/// <param name="Type">The way.</param>
/// <param name="Weights">One for each adapter; may be negative.</param>
/// <param name="Density">The share of numbers that pruning leaves, above 0, at most 1.</param>
/// <param name="ByFrequency">The majority of signs goes by count instead of by sum ("frequency" and "total" in PEFT).</param>
/// <param name="Rank">The rank that an SVD keeps; null: the adapters' largest.</param>
/// <param name="Seed">Of the numbers that DARE drops.</param>
/// <param name="Clamp">After an SVD: the quantile of a module's factors, above 0, at most 1, beyond whose value no number goes.</param>
public sealed record CombinationSpec(CombinationType Type, IReadOnlyList<double> Weights, double? Density = null, bool? ByFrequency = null, int? Rank = null, long? Seed = null, double? Clamp = null)
{
    /// <summary>Refuses what does not go together, before a file is read.</summary>
    /// <param name="adapters">How many adapters there are.</param>
    /// <exception cref="BadInputException">Something is missing, or says nothing for this type.</exception>
    public void Check(int adapters)
    {
        if (Weights.Count != adapters)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"--weights: {Weights.Count} for {adapters} adapters. Give one for each, with commas between them."));
        if (adapters == 1 && Type != CombinationType.Linear)
            throw new BadInputException($"--method: {Type.Name} takes two adapters or more. One alone can only be weighted: --method linear.");
        var prunes = Type.Pruning != Pruning.None;
        if (prunes && Density is null)
            throw new BadInputException($"--density: {Type.Name} needs one, the share of numbers to keep: above 0, at most 1.");
        Unless(prunes, Density is not null, "--density", "is for ties, dare_* and magnitude_prune");
        Unless(Type.ElectsSign, ByFrequency is not null, "--majority-sign", "is for ties and dare_ties");
        Unless(Type.OfProduct, Rank is not null, "--rank", "is for types with an SVD; others have the rank of their adapters");
        Unless(Type.OfProduct, Clamp is not null, "--clamp", "is for types with an SVD, whose factors it bounds");
        Unless(Type.Pruning == Pruning.Random, Seed is not null, "--seed", "is for dare_*, which draws; others do not");
    }

    private void Unless(bool used, bool given, string option, string what)
    {
        if (given && !used)
            throw new BadInputException($"{option}: {what}. Leave it out with {Type.Name}.");
    }
}
