using System.Text.Json.Serialization;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Comparing;

/// <summary>What one arm gave with one seed: a line of results.jsonl, which is also what a comparison that is started again knows is done.</summary>
public sealed record ArmResult
{
    /// <summary>What the arm is called: "zero-shot", "four-shot, 50 % wrong", or the name of a method's arm.</summary>
    public required string Arm { get; init; }

    /// <summary>Examples in the prompt; null for a trained arm.</summary>
    public int? Shots { get; init; }

    public required int Seed { get; init; }

    /// <summary>What was measured, and on what: the job's digest and the key of its data.</summary>
    public required string Identity { get; init; }

    /// <summary>The share of held-out rows, under all templates, that were answered right. 0 to 1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The same for each template; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Templates { get; init; }

    /// <summary>The mean over classes of F1; null where rows have no choices.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MacroF1 { get; init; }

    /// <summary>Means of the job's own metrics (evaluation.metrics); null: it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Score>? Scores { get; init; }

    /// <summary>Mean loss of a token of the right answer, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Mean tokens of a prompt, examples included.</summary>
    public required double PromptTokens { get; init; }

    /// <summary>Held-out rows that were measured, one for each template.</summary>
    public required int Rows { get; init; }

    public required ArmCosts Costs { get; init; }

    /// <summary>From the start of the run to its end; of a prompt that of its measurement.</summary>
    public required double Seconds { get; init; }

    /// <summary>What the accuracy is the mean of: one number for each template, or itself.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Accuracies => Templates ?? [Accuracy];
}
