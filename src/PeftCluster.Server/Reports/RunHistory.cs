using System.Text.Json;

namespace PeftCluster.Server.Reports;

/// <summary>What metrics.jsonl says of a run, read back: the report of a resumed run shows all of its attempts.</summary>
/// <param name="Steps">Committed steps in order.</param>
/// <param name="Evaluations">Measurements on the held-out rows, the last one of each kind.</param>
/// <param name="Warnings">What a user should have read.</param>
internal sealed record RunHistory(IReadOnlyList<StepPoint> Steps, IReadOnlyList<MeasuredTarget> Evaluations, IReadOnlyList<string> Warnings)
{
    public static RunHistory Read(string path)
    {
        var steps = new List<StepPoint>();
        var evaluations = new Dictionary<(bool, int), MeasuredTarget>();
        var warnings = new List<string>();
        foreach (var line in File.ReadLines(path))
        {
            using var parsed = JsonDocument.Parse(line);
            var root = parsed.RootElement;
            switch (root.GetProperty("event").GetString())
            {
                case "step":
                    steps.Add(new StepPoint(root.GetProperty("step").GetInt32(), Number(root, "loss"), Number(root, "learning_rate"), Number(root, "grad_norm")));
                    break;
                case "evaluation":
                    var adapter = root.GetProperty("target").GetString() == "adapter";
                    var shots = root.GetProperty("shots").GetInt32();
                    evaluations[(adapter, shots)] = new MeasuredTarget(
                        adapter, shots, Number(root, "loss"), Number(root, "exact_match"), Number(root, "prompt_tokens"), root.GetProperty("rows").GetInt32());
                    break;
                case "warning":
                    warnings.Add(root.GetProperty("text").GetString() ?? "");
                    break;
            }
        }
        return new RunHistory(steps, [.. evaluations.Values.OrderBy(one => one.Adapter).ThenBy(one => one.Shots)], warnings);
    }

    private static double Number(JsonElement line, string key) =>
        line.GetProperty(key) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : double.NaN;
}

/// <summary>One committed step; steps count from 1.</summary>
internal sealed record StepPoint(int Step, double Loss, double LearningRate, double GradientNorm);

/// <summary>The base model with so many examples in the prompt, or the adapter.</summary>
public sealed record MeasuredTarget(bool Adapter, int Shots, double Loss, double ExactMatch, double PromptTokens, int Rows);
