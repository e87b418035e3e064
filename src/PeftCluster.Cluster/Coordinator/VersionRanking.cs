using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// Which measured version is best, and for how long none was better. Counted as Hugging Face's Trainer and EarlyStoppingCallback do: a version is best when it is
/// strictly better; it ends the waiting only when it is better by more than the threshold. What is no number is never better.
/// </summary>
/// <param name="Version">The best version; null before one.</param>
/// <param name="Value">How good it is.</param>
/// <param name="Waited">Measurements in a row without improvement.</param>
public sealed record VersionRanking(int? Version, double Value, int Waited)
{
    public static VersionRanking Empty { get; } = new(null, double.NaN, 0);

    /// <summary>With one measurement more.</summary>
    public VersionRanking After(BestMetric metric, double threshold, int version, EvaluationMetrics measured)
    {
        var value = ValueOf(metric, measured);
        var gain = Version is null ? double.PositiveInfinity : metric.GreaterIsBetter ? value - Value : Value - value;
        if (!double.IsFinite(value) || !(gain > 0))
            return this with { Waited = Waited + 1 };
        return new VersionRanking(version, value, gain > threshold ? 0 : Waited + 1);
    }

    private static double ValueOf(BestMetric metric, EvaluationMetrics measured) =>
        metric.Name == BestMetric.Loss.Name ? measured.Loss
        : metric.Name == BestMetric.ExactMatch.Name ? measured.ExactMatch
        : measured.Scores?.FirstOrDefault(score => score.Metric == metric.Name)?.Value ?? double.NaN;
}
