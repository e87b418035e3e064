using System.Text.Json;
using PeftCluster.Steps.Measures;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Reports;

/// <summary>What metrics.jsonl says of a run, read back: the report of a resumed run shows all of its attempts.</summary>
/// <param name="Steps">Committed steps in order.</param>
/// <param name="Evaluations">Measurements on the held-out rows, one of each kind; of the adapter, that of the version that is the result, or the last.</param>
/// <param name="Versions">Measured versions of the adapter, in order.</param>
/// <param name="Warnings">What a user should have read.</param>
internal sealed record RunHistory(
    IReadOnlyList<StepPoint> Steps, IReadOnlyList<MeasuredTarget> Evaluations, IReadOnlyList<VersionPoint> Versions, IReadOnlyList<string> Warnings)
{
    public static RunHistory Read(string path)
    {
        var steps = new List<StepPoint>();
        var ofBase = new SortedDictionary<int, MeasuredTarget>();
        var versions = new SortedDictionary<int, MeasuredTarget>();
        int? result = null;
        var warnings = new List<string>();
        foreach (var line in File.ReadLines(path))
        {
            using var parsed = JsonDocument.Parse(line);
            var root = parsed.RootElement;
            switch (root.GetProperty("event").GetString())
            {
                case "step":
                    steps.Add(new StepPoint(root.GetProperty("step").GetInt32(), Number(root, "loss"), Number(root, "learning_rate"), Number(root, "grad_norm"), Terms(root)));
                    break;
                case "evaluation":
                    var measured = Measured(root);
                    if (measured.Adapter)
                        versions[Whole(root, "step") ?? int.MaxValue] = measured;
                    else
                        ofBase[measured.Shots] = measured;
                    break;
                case "warning":
                    warnings.Add(root.GetProperty("text").GetString() ?? "");
                    break;
                case "end":
                    result = Whole(root, "adapter_step");
                    break;
            }
        }
        var adapter = result is { } step && versions.TryGetValue(step, out var ofResult) ? ofResult : versions.Values.LastOrDefault();
        return new RunHistory(
            steps, adapter is null ? [.. ofBase.Values] : [.. ofBase.Values, adapter],
            [.. versions.Select(version => new VersionPoint(version.Key, version.Value.Loss, version.Value.ExactMatch))], warnings);
    }

    private static MeasuredTarget Measured(JsonElement line) => new(
        line.GetProperty("target").GetString() == "adapter", line.GetProperty("shots").GetInt32(), Number(line, "loss"), Number(line, "exact_match"),
        Number(line, "prompt_tokens"), line.GetProperty("rows").GetInt32(),
        line.TryGetProperty("scores", out var scores) ? [.. scores.EnumerateObject().Select(score => new Score(score.Name, Number(scores, score.Name)))] : null,
        line.TryGetProperty("choices", out var choices) ? choices.Deserialize<ChoiceMetrics>(MetricsLine.Json) : null);

    private static IReadOnlyList<LossTerm> Terms(JsonElement line)
    {
        IReadOnlyList<LossTerm> terms = LossTerm.Of(0, 0, 0);
        return terms.Any(term => !line.TryGetProperty(term.Key, out _)) ? [] : [.. terms.Select(term => term with { Mean = Number(line, term.Key) })];
    }

    private static int? Whole(JsonElement line, string key) =>
        line.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;

    private static double Number(JsonElement line, string key) =>
        line.GetProperty(key) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : double.NaN;
}

/// <summary>One committed step; steps count from 1. Terms are there of steps that learnt from answer choices.</summary>
internal sealed record StepPoint(int Step, double Loss, double LearningRate, double GradientNorm, IReadOnlyList<LossTerm> Terms);

/// <summary>One measured version of the adapter: so many committed steps.</summary>
internal sealed record VersionPoint(int Step, double Loss, double ExactMatch);

/// <summary>The base model with so many examples in the prompt, or the adapter.</summary>
public sealed record MeasuredTarget(bool Adapter, int Shots, double Loss, double ExactMatch, double PromptTokens, int Rows, IReadOnlyList<Score>? Scores = null, ChoiceMetrics? Choices = null);
