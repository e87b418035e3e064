namespace PeftCluster.Jobs.Spec;

/// <summary>What tells the better one of two versions, and which way. Unusual: a plugin's metric is one by its name alone, since who compares does not run plugins.</summary>
/// <param name="Name">The name for machines: <c>exact_match</c>.</param>
/// <param name="GreaterIsBetter">Whether more is better.</param>
public readonly record struct BestMetric(string Name, bool GreaterIsBetter)
{
    /// <summary>Mean loss of a completion token.</summary>
    public static BestMetric Loss { get; } = new("loss", false);

    /// <summary>The share of rows that are answered exactly.</summary>
    public static BestMetric ExactMatch { get; } = new("exact_match", true);

    /// <summary>Those that are measured without a plugin.</summary>
    public static IReadOnlyList<BestMetric> BuiltIn { get; } = [Loss, ExactMatch];

    /// <summary>A job's. Where it does not say which way is better, its name does, by the rule of Hugging Face's TrainingArguments.</summary>
    public static BestMetric Of(TrainingSpec training) =>
        new(training.MetricForBestModel, training.GreaterIsBetter ?? !training.MetricForBestModel.EndsWith(Loss.Name, StringComparison.Ordinal));
}
