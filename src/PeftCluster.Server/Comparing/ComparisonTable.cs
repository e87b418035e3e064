using PeftCluster.Steps.Measures;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Comparing;

/// <summary>A whole comparison: an arm a row, in the order of the file. No order of merit is made: whoever reads it compares.</summary>
/// <param name="Name">The comparison's name.</param>
/// <param name="Seeds">All seeds.</param>
/// <param name="Rows">The arms.</param>
/// <param name="Failed">Jobs that gave nothing, with the reason.</param>
public sealed record ComparisonTable(string Name, IReadOnlyList<int> Seeds, IReadOnlyList<ArmRow> Rows, IReadOnlyList<FailedArm> Failed)
{
    internal static ComparisonTable Of(string name, IReadOnlyList<int> seeds, IReadOnlyList<ArmResult> results, IReadOnlyList<FailedArm> failed) =>
        new(name, seeds, [.. results.GroupBy(result => result.Arm).Select(arm => ArmRow.Of(arm.Key, [.. arm.OrderBy(result => result.Seed)])).OrderBy(row => row.Shots is null).ThenBy(row => row.Shots)], failed);
}

/// <summary>A job that gave nothing.</summary>
/// <param name="Arm">Its arm.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Reason">Why.</param>
public sealed record FailedArm(string Arm, int Seed, string Reason);

/// <summary>An arm over all its seeds.</summary>
/// <param name="Arm">Its name.</param>
/// <param name="Shots">Examples in the prompt; null for a trained arm.</param>
/// <param name="Accuracy">Over seeds and templates, one number for each pair.</param>
/// <param name="PromptTokens">Mean tokens of a prompt.</param>
/// <param name="Costs">Those of the first seed: they follow from shapes, and of a prompt from the drawn examples.</param>
/// <param name="Seconds">The median of a seed's wall time.</param>
/// <param name="Scores">Medians over seeds of the job's own metrics; none where it has none.</param>
/// <param name="Seeds">What each seed gave.</param>
public sealed record ArmRow(
    string Arm, int? Shots, Spread Accuracy, double PromptTokens, ArmCosts Costs, double Seconds, IReadOnlyList<Score> Scores, IReadOnlyList<ArmResult> Seeds)
{
    internal static ArmRow Of(string arm, IReadOnlyList<ArmResult> seeds) => new(
        arm, seeds[0].Shots, Spread.Of([.. seeds.SelectMany(seed => seed.Accuracies)]), seeds.Average(seed => seed.PromptTokens), seeds[0].Costs,
        Quartiles.Of(seeds.Select(seed => seed.Seconds)).Median,
        [.. (seeds[0].Scores ?? []).Select((score, at) => new Score(score.Metric, Quartiles.Of(seeds.Select(seed => seed.Scores![at].Value)).Median))], seeds);
}

/// <summary>Where numbers lie.</summary>
public sealed record Spread(double Median, double Least, double Most, double LowerQuartile, double UpperQuartile)
{
    internal static Spread Of(IReadOnlyList<double> numbers)
    {
        var quartiles = Quartiles.Of(numbers);
        return new Spread(quartiles.Median, numbers.Min(), numbers.Max(), quartiles.Lower, quartiles.Upper);
    }
}
