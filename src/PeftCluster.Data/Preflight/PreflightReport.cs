using System.Text.Json.Serialization;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Preflight;

/// <summary>What the check of a job's data found. Its shape is a contract with scripts: it is the object of <c>peft data check --json</c>.</summary>
/// <param name="Status">ok, or refused.</param>
/// <param name="Train">The training rows; null where they could not be prepared, as all below that is about rows.</param>
/// <param name="HeldOut">The held-out rows, or null.</param>
/// <param name="SharedPrompts">Held-out rows whose prompt is also a training row's.</param>
/// <param name="Lengths">How long the rows are.</param>
/// <param name="Steps">What the plan makes of them.</param>
/// <param name="Samples">The first training rows.</param>
/// <param name="Findings">What people should know, the refusals first.</param>
public sealed record PreflightReport(
    string Status, SetFigures? Train, SetFigures? HeldOut, int? SharedPrompts, IReadOnlyList<LengthBin> Lengths, StepFigures? Steps,
    IReadOnlyList<SampleRow> Samples, IReadOnlyList<Finding> Findings)
{
    /// <summary>The rows that were left out, the first of each reason: place, what, and the key that left them out.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>What the task makes of the rows; null: they have no choices.</summary>
    public ChoiceFigures? Choices { get; init; }

    /// <summary>The findings that the job is refused for.</summary>
    [JsonIgnore]
    public IEnumerable<Finding> Refusals => Findings.Where(finding => finding.Severity == Severity.Refused);

    /// <summary>The report with one more refusal.</summary>
    public PreflightReport With(Finding refusal) => this with { Status = "refused", Findings = [refusal, .. Findings] };

    internal static string StatusOf(IEnumerable<Finding> findings) => findings.Any(finding => finding.Severity == Severity.Refused) ? "refused" : "ok";

    /// <summary>The report where the rows could not be prepared.</summary>
    /// <param name="reason">Why.</param>
    public static PreflightReport Unprepared(string reason) =>
        new("refused", null, null, null, [], null, [], [new Finding(FindingKind.Preparation, Severity.Refused, reason)]);
}

/// <summary>A set in numbers.</summary>
/// <param name="Counts">What preparing it counted: rows, left out, cut, tokens, labels.</param>
/// <param name="MaskedShare">The share of tokens without a label, 0 to 1.</param>
/// <param name="Duplicates">Rows that are an earlier row again.</param>
/// <param name="FirstDuplicate">Where the first of them stands, and which it equals; null: none.</param>
public sealed record SetFigures(SetReport Counts, double MaskedShare, int Duplicates, string? FirstDuplicate);
