using System.Text.Json.Serialization;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using PeftCluster.Steps.Measures;

namespace PeftCluster.Cli.Rendering;

/// <summary>The object that <c>train --json</c> ends with. Its keys are a contract with scripts.</summary>
internal sealed record TrainResult(
    string Status, string Reason, int Steps, string Output, [property: JsonPropertyName("adapter_sha256")] string? AdapterSha256,
    double? TrainLoss, double Seconds, EvaluationResult? Evaluation, BestResult? Best)
{
    public static TrainResult Of(RunOutcome outcome) => new(
        RunStatus.Of(outcome.Ended.Phase),
        outcome.Ended.Reason,
        outcome.Ended.Steps,
        outcome.Header.Job.Output.Folder,
        outcome.Ended.AdapterSha256,
        outcome.Ended.TrainLoss,
        Math.Round(outcome.Elapsed.TotalSeconds, 3),
        EvaluationResult.Of(outcome.Evaluations),
        outcome.Ended.Best is { } best ? new BestResult(best.Version, best.Metric, best.Value) : null);
}

/// <summary>The version that measured best on the held-out rows.</summary>
/// <param name="Step">How many steps it has.</param>
/// <param name="Metric">loss or exact_match.</param>
/// <param name="Value">How good it is.</param>
internal sealed record BestResult(int Step, string Metric, double Value);

/// <summary>What was measured on the held-out rows; a part that was not measured is null.</summary>
/// <param name="ZeroShot">The base with no example in the prompt.</param>
/// <param name="OneShot">The base with one example.</param>
/// <param name="FewShot">The base with the most examples that were tried, at least two.</param>
/// <param name="Adapter">The adapter with no example.</param>
internal sealed record EvaluationResult(Measurement? ZeroShot, Measurement? OneShot, Measurement? FewShot, Measurement? Adapter)
{
    /// <summary>Null where nothing was measured at all.</summary>
    public static EvaluationResult? Of(IReadOnlyList<MeasuredTarget> measured) => measured.Count == 0 ? null : new(
        Measurement.Of(measured.FirstOrDefault(one => !one.Adapter && one.Shots == 0)),
        Measurement.Of(measured.FirstOrDefault(one => !one.Adapter && one.Shots == 1)),
        Measurement.Of(measured.Where(one => !one.Adapter && one.Shots > 1).MaxBy(one => one.Shots)),
        Measurement.Of(measured.FirstOrDefault(one => one.Adapter)));
}

/// <summary>Means over the held-out rows.</summary>
/// <param name="Loss">Nats of a completion token.</param>
/// <param name="ExactMatch">0 to 1.</param>
/// <param name="PromptTokens">Tokens of a prompt.</param>
/// <param name="Scores">What the job's own metrics say; a job without them has no such key.</param>
/// <param name="Choices">What else rank classification gives; rows without answer choices have no such key.</param>
internal sealed record Measurement(
    double Loss, double ExactMatch, double PromptTokens, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, double>? Scores = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChoiceMetrics? Choices = null)
{
    public static Measurement? Of(MeasuredTarget? one) => one is null ? null : new(
        one.Loss, one.ExactMatch, one.PromptTokens, one.Scores?.ToDictionary(score => score.Metric, score => score.Value), one.Choices);
}
