using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Server.Reports;

/// <summary>
/// One line of metrics.jsonl. <c>event</c> says what it is; docs/output-folder.md lists the keys of each. Steps count
/// from 1 here, as in Hugging Face's logs: <c>step</c> is the number of committed steps. Numbers that JSON cannot say are null.
/// </summary>
internal static class MetricsLine
{
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The object for an event, or null where the event is not worth a line.</summary>
    public static JsonObject? Of(RunEvent happened, DateTimeOffset now) => happened switch
    {
        RunStarted started => Line("start", now, ("run", started.RunId), ("attempt", started.Attempt), ("first_step", started.FirstStep),
            ("total_steps", started.TotalSteps), ("method", started.Source.Method), ("trained_parameters", started.Source.TrainedParameters),
            ("base_parameters", started.Source.BaseParameters), ("workers", new JsonArray([.. started.Workers.Select(name => (JsonNode)name)]))),
        StepCommitted step => Line("step", now, [("step", step.Step + 1), ("epoch", Finite(step.Epoch)), ("loss", Finite(step.Loss)),
            ("learning_rate", Finite(step.LearningRate)), ("grad_norm", Finite(step.GradientNorm)), ("tokens", step.Tokens), ("seconds", Finite(step.Seconds)),
            .. step.AdapterLoss == 0 ? [] : new (string, JsonNode?)[] { ("adapter_loss", Finite(step.AdapterLoss)) },
            .. LossTerm.Of(step).Select(term => (term.Key, (JsonNode?)Finite(term.Mean)))]),
        EvaluationDone done => Line("evaluation", now, [("target", done.Target.Adapter ? "adapter" : "base"), ("step", done.Version), ("shots", done.Target.Shots),
            ("loss", Finite(done.Metrics.Loss)), ("exact_match", Finite(done.Metrics.ExactMatch)),
            ("prompt_tokens", Finite(done.Metrics.PromptTokens)), ("rows", done.Metrics.Rows), .. Scores(done.Metrics), .. Choices(done.Metrics)]),
        SnapshotWritten snapshot => Line("snapshot", now, ("step", snapshot.Step), ("path", snapshot.Path)),
        RunWarning warning => Line("warning", now, ("text", warning.Text)),
        RunEnded ended => Line("end", now, ("status", RunStatus.Of(ended.Phase)), ("reason", ended.Reason), ("steps", ended.Steps),
            ("adapter", ended.AdapterFolder), ("adapter_sha256", ended.AdapterSha256), ("train_loss", Finite(ended.TrainLoss)),
            ("end", ended.End?.Name()), ("adapter_step", ended.AdapterVersion), ("best_step", ended.Best?.Version), ("best_metric", ended.Best?.Metric),
            ("best_value", Finite(ended.Best?.Value))),
        _ => null,
    };

    /// <summary>
    /// Whether a resumed run keeps a line of an earlier attempt: not the steps that it makes again, and no measured version, since it tells
    /// those that hold and takes the others again.
    /// </summary>
    public static bool IsKept(string line, int firstStep)
    {
        using var parsed = JsonDocument.Parse(line);
        var root = parsed.RootElement;
        return root.GetProperty("event").GetString() switch
        {
            "step" => root.GetProperty("step").GetInt32() <= firstStep,
            "evaluation" => root.GetProperty("target").GetString() == "base",
            _ => true,
        };
    }

    private static JsonObject Line(string name, DateTimeOffset now, params (string Key, JsonNode? Value)[] values)
    {
        var line = new JsonObject { ["event"] = name, ["time"] = now };
        foreach (var (key, value) in values)
            line[key] = value;
        return line;
    }

    /// <summary>What the job's own metrics say; a job without them has no such key.</summary>
    private static (string Key, JsonNode? Value)[] Scores(EvaluationMetrics metrics) => metrics.Scores is not { } scores ? [] :
        [("scores", new JsonObject(scores.Select(score => KeyValuePair.Create(score.Metric, (JsonNode?)Finite(score.Value)))))];

    /// <summary>What rank classification gives; rows without answer choices have no such key.</summary>
    private static (string Key, JsonNode? Value)[] Choices(EvaluationMetrics metrics) =>
        metrics.Choices is not { } choices ? [] : [("choices", JsonSerializer.SerializeToNode(choices, Json))];

    private static JsonValue? Finite(double? number) => number is { } value && double.IsFinite(value) ? JsonValue.Create(value) : null;
}
