using System.Text.Json.Nodes;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>A job whose rows have choices, over a task that a test writes.</summary>
internal sealed class ChoiceJob : IDisposable
{
    /// <summary>Two templates over a, b and label, one of which has longer choices.</summary>
    public const string TwoTemplates = """
        answer: label
        answers: ["yes", "no"]
        templates:
          - name: one
            prompt: "{{a}}?{{b}}"
            choices: [Y, N]
          - name: two
            prompt: "{{b}}\n"
            choices: [yes, "no!"]
        """;

    private readonly PreparedJob _job = new();

    public PreparedJob Job => _job;

    public string TaskPath => Path.Combine(_job.Model.Folder, "task.yaml");

    public string TrainPath => _job.TrainPath;

    /// <summary>A model with an encoder, whose tokenizer ends a text.</summary>
    public ChoiceJob Encoder()
    {
        _job.Model.Config["is_encoder_decoder"] = true;
        _job.Model.Tokenizer["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(
                new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } },
                new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "<eos>", ["type_id"] = 0 } }),
            ["special_tokens"] = new JsonObject { ["<eos>"] = new JsonObject { ["id"] = "<eos>", ["ids"] = new JsonArray(TinyModel.Eos) } },
        };
        _job.Model.Write();
        return this;
    }

    public ChoiceJob Task(string yaml)
    {
        File.WriteAllText(TaskPath, yaml);
        return this;
    }

    public ChoiceJob Train(params string[] rows)
    {
        _job.Train(rows);
        return this;
    }

    public ChoiceJob Eval(params string[] rows)
    {
        _job.Eval(rows);
        return this;
    }

    public static string Row(string a, string b, object label) => System.Text.Json.JsonSerializer.Serialize(new { a, b, label });

    public static string[] Rows(int count) => [.. Enumerable.Range(0, count).Select(row => Row($"a{row}", $"b{row}", row % 3 == 0 ? "yes" : "no"))];

    public JobSpec Spec(Func<DataSpec, DataSpec>? change = null, int microBatches = 3, long seed = 7) => _job.Spec(data =>
    {
        var choices = data with { Format = DataFormat.Choices, Task = TaskPath };
        return change is null ? choices : change(choices);
    }, microBatches, seed);

    public PreparedData Prepare(Func<DataSpec, DataSpec>? change = null, int microBatches = 3, long seed = 7) =>
        DataPreparation.Prepare(Spec(change, microBatches, seed), _job.Cache);

    /// <summary>Prepares a job that cannot be.</summary>
    public string Refusal(Func<DataSpec, DataSpec>? change = null) => Xunit.Assert.Throws<BadInputException>(() => Prepare(change)).Message;

    /// <summary>A row as text: prompt, then each choice, the right one with a star.</summary>
    public static string Shown(PreparedRows rows, int row)
    {
        var choices = new List<string>();
        foreach (var (start, end) in rows.Labelled(row))
            choices.Add((choices.Count == rows.RightChoice(row) ? "*" : "") + TinyModel.TextOf(rows.Tokens(row)[start..end]));
        return string.Join('|', choices.Prepend(TinyModel.TextOf(rows.Prompt(row))));
    }

    public static string[] AllShown(PreparedRows rows) => [.. Enumerable.Range(0, rows.Count).Select(row => Shown(rows, row))];

    public void Dispose() => _job.Dispose();
}
