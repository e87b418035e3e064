using System.Text.Json;
using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>In-context learning by command: a task with answer choices on a decoder and on a T5, measured by a run that trains nothing and by peft eval.</summary>
[Trait("Category", "Slow")]
public sealed class MeasuringTests : IDisposable
{
    private readonly TinyWorld _world = TinyWorld.Create();

    public MeasuringTests()
    {
        File.WriteAllText(_world["task.yaml"], """
            name: entails
            description: Does the second follow?
            answer: label
            answers: ["yes", "no"]
            templates:
              - { name: short, prompt: "{{a}} so {{b}}?", choices: ["yes", "no"] }
              - { name: long, prompt: "{{a}}. True or false: {{b}}.", choices: ["true", "false"] }
            """);
        foreach (var (file, count) in new[] { ("train.jsonl", 24), ("heldout.jsonl", 10) })
            File.WriteAllLines(_world[file], Enumerable.Range(0, count).Select(row => JsonSerializer.Serialize(new { a = $"stone {row}", b = row % 2 == 0 ? "hard" : "soft", label = row % 2 == 0 ? "yes" : "no" })));
    }

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_trains_nothing_and_peft_eval_measure_the_same(bool isT5)
    {
        if (isT5)
            TinyT5.Write(_world);
        string[] set =
        [
            "--set", "data.format=choices", "--set", "data.task=task.yaml", "--set", "data.train_examples=12", "--set", "training.max_steps=0", "--set", "evaluation.shots=[0, 1, 6]",
            "--set", "method={type: lora, r: 4}",
        ];

        var run = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", "--json", .. set])).With(0);
        var measured = (await Peft.RunAsync(_world.Folder, ["eval", "job.yaml", "--json", .. set])).With(0);
        var wrong = (await Peft.RunAsync(_world.Folder, ["eval", "job.yaml", "--json", "--shots", "6", "--wrong-labels", "1", "--balanced", "--samples", "samples.jsonl", .. set])).With(0);

        var evaluation = run.Json.GetProperty("evaluation");
        Assert.Equal((0, JsonValueKind.Null, JsonValueKind.Null), (run.Json.GetProperty("steps").GetInt32(), run.Json.GetProperty("adapter_sha256").ValueKind, evaluation.GetProperty("adapter").ValueKind));
        Assert.Contains("nothing was to be trained", run.Json.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, evaluation.GetProperty("few_shot").GetProperty("choices").GetProperty("templates").GetArrayLength());
        Assert.Equal(evaluation.GetRawText(), measured.Json.GetProperty("evaluation").GetRawText());
        Assert.NotEqual(evaluation.GetProperty("few_shot").GetProperty("loss").GetDouble(), wrong.Json.GetProperty("evaluation").GetProperty("few_shot").GetProperty("loss").GetDouble());
        Assert.Equal(20, File.ReadLines(_world["samples.jsonl"]).Count());
        Assert.False(Directory.Exists(_world["runs/tiny/adapter"]));
    }
}
