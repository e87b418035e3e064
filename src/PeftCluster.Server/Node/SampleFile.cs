using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Data.Prepared;
using PeftCluster.Server.Reports;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Node;

/// <summary>What was measured of each held-out row, a JSON object a line, in the order of targets and rows. docs/evaluation.md lists the keys.</summary>
public sealed class SampleFile : IDisposable
{
    private readonly StreamWriter _file;

    /// <summary>Begins an empty file.</summary>
    /// <param name="path">Where.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public SampleFile(string path) => _file = new StreamWriter(path, append: false, new UTF8Encoding(false)) { NewLine = "\n" };

    /// <summary>Adds a target's rows.</summary>
    /// <param name="data">Where the rows come from.</param>
    /// <param name="adapter">Whether the adapter was measured, else the base.</param>
    /// <param name="shots">Examples that were asked for.</param>
    /// <param name="rows">The results, with their texts.</param>
    internal void Add(PreparedData data, bool adapter, int shots, IReadOnlyList<RowEvaluation> rows)
    {
        foreach (var row in rows)
            _file.WriteLine(JsonSerializer.Serialize(Line(data, adapter, shots, row), MetricsLine.Json));
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();

    private static JsonObject Line(PreparedData data, bool adapter, int shots, RowEvaluation row)
    {
        var line = new JsonObject
        {
            ["file"] = data.EvalPaths[data.Eval!.File(row.Row)],
            ["line"] = data.Eval.Line(row.Row),
            ["target"] = adapter ? "adapter" : "base",
            ["shots"] = shots - row.LeftOut,
            ["prompt_tokens"] = row.PromptTokens,
            ["right"] = row.Texts!.Right,
            ["answer"] = row.Texts.Given,
            ["exact_match"] = row.ExactMatch,
            ["loss"] = row.LossSum / Math.Max(1, row.Labels),
        };
        if (row.Ranking is { } ranking)
        {
            line["template"] = data.Task!.Templates[row.Row % data.Eval.Variants].Name;
            line["right_choice"] = ranking.Right;
            line["answered_choice"] = ranking.Answer;
            line["choice_scores"] = new JsonArray([.. ranking.Scores.Select(score => (JsonNode)score)]);
        }
        foreach (var score in row.Scores ?? [])
            line[score.Metric] = score.Value;
        return line;
    }
}
