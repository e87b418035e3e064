using PeftCluster.Server.Comparing;

namespace PeftCluster.Cli.Rendering;

/// <summary>The object that <c>compare --json</c> ends with. Its keys are a contract with scripts.</summary>
internal sealed record ComparisonResult(string Name, string Output, IReadOnlyList<int> Seeds, IReadOnlyList<ComparedArm> Arms, IReadOnlyList<FailedArm> Failed)
{
    public static ComparisonResult Of(ComparisonTable table, string folder) =>
        new(table.Name, folder, table.Seeds, [.. table.Rows.Select(ComparedArm.Of)], table.Failed);
}

/// <summary>An arm over all its seeds.</summary>
/// <param name="Arm">Its name.</param>
/// <param name="Kind">"prompt" or "method".</param>
/// <param name="Shots">Examples in the prompt; null for a method.</param>
/// <param name="Accuracy">Over seeds and templates.</param>
/// <param name="TrainedParameters">0 for a prompt.</param>
/// <param name="TrainedShare">By the base's numbers.</param>
/// <param name="StoredBytes">The adapter, or the examples.</param>
/// <param name="TrainingFlopsPerExample">0 for a prompt.</param>
/// <param name="InferenceFlopsPerExample">For one answer.</param>
/// <param name="PromptTokens">Mean over rows and seeds.</param>
/// <param name="Seconds">Median over seeds.</param>
/// <param name="Rows">Held-out rows, one for each template.</param>
/// <param name="Seeds">What each seed gave.</param>
internal sealed record ComparedArm(
    string Arm, string Kind, int? Shots, Spread Accuracy, long TrainedParameters, double TrainedShare, double StoredBytes,
    double TrainingFlopsPerExample, double InferenceFlopsPerExample, double PromptTokens, double Seconds, int Rows, IReadOnlyList<ComparedSeed> Seeds)
{
    public static ComparedArm Of(ArmRow row) => new(
        row.Arm, row.Shots is null ? "method" : "prompt", row.Shots, row.Accuracy, row.Costs.Trained, row.Costs.Share, row.Costs.Bytes,
        row.Costs.TrainingFlops, row.Costs.InferenceFlops, row.PromptTokens, Math.Round(row.Seconds, 3), row.Seeds[0].Rows, [.. row.Seeds.Select(ComparedSeed.Of)]);
}

/// <summary>An arm with one seed. Without choices there are no templates and no macro F1, without metrics of the job's own no scores.</summary>
internal sealed record ComparedSeed(
    int Seed, double Accuracy, IReadOnlyList<double>? Templates, double? MacroF1, IReadOnlyDictionary<string, double>? Scores, double Loss, double Seconds)
{
    public static ComparedSeed Of(ArmResult result) => new(result.Seed, result.Accuracy, result.Templates, result.MacroF1, result.Scores?.ToDictionary(score => score.Metric, score => score.Value), result.Loss, Math.Round(result.Seconds, 3));
}
