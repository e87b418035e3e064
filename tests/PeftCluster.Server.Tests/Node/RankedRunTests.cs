using System.Text.Json;
using PeftCluster.Acceptance.Tests.Worlds;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Tests.Node;

/// <summary>Held-out rows with answer choices, measured by whole runs and by themselves: one set of figures whoever computes, told everywhere.</summary>
public sealed class RankedRunTests : IDisposable
{
    private const string Task = """
        name: colours
        description: Say whether it fits.
        answer: label
        answers: [yes, no]
        templates:
          - name: plain
            prompt: "{{thing}} is {{colour}}?"
            choices: ["yes", "no"]
          - name: wordy
            prompt: "Can {{thing}} be {{colour}}? Say true or not true:"
            choices: ["true", "not true"]
        """;

    private readonly TinyWorld _world = TinyWorld.Create();

    public RankedRunTests()
    {
        File.WriteAllText(_world["task.yaml"], Task);
        File.WriteAllLines(_world["train.jsonl"], Rows(16, 0));
        File.WriteAllLines(_world["heldout.jsonl"], Rows(9, 3));
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Any_number_of_workers_gives_one_set_of_figures()
    {
        var (alone, ended) = await RunAsync(workers: 1);

        Assert.Equal((JobPhase.Completed, EndReason.AllStepsDone), (ended.Phase, ended.End));
        Assert.Equal([new(false, 0), new(false, 1), new(false, 4)], alone.Select(done => done.Target));
        Assert.All(alone, done => Assert.Equal((18, 2, 18), (done.Metrics.Rows, done.Metrics.Choices!.Templates.Count, done.Metrics.Choices.Confusion.Sum(row => row.Sum()))));
        Assert.NotEqual(alone[0].Metrics.Loss, alone[2].Metrics.Loss);
        foreach (var workers in new[] { 2, 4 })
            Assert.Equal(JsonSerializer.Serialize(alone), JsonSerializer.Serialize((await RunAsync(workers)).Measured));
    }

    [Fact]
    public async Task Measured_by_themselves_rows_have_the_figures_of_the_run()
    {
        var (ofRun, _) = await RunAsync(workers: 2);
        foreach (var workers in new[] { 1, 2, 4 })
        {
            var measured = await HeldOutMeasurement.RunAsync(Job(workers), null, _ => { }, Assert.Fail, null, TestContext.Current.CancellationToken);
            Assert.Equal(
                JsonSerializer.Serialize(ofRun.Select(done => (done.Target.Shots, done.Metrics.Loss, done.Metrics.ExactMatch, done.Metrics.PromptTokens, done.Metrics.Choices)), Fields),
                JsonSerializer.Serialize(measured.Select(one => (one.Shots, one.Loss, one.ExactMatch, one.PromptTokens, one.Choices)), Fields));
        }
    }

    [Fact]
    public async Task Samples_tell_each_row_under_each_template_and_add_up_to_the_figures()
    {
        using (var file = new SampleFile(_world["samples.jsonl"]))
            await HeldOutMeasurement.RunAsync(Job(2), null, _ => { }, Assert.Fail, file, TestContext.Current.CancellationToken);
        var measured = await HeldOutMeasurement.RunAsync(Job(1), null, _ => { }, Assert.Fail, null, TestContext.Current.CancellationToken);

        JsonElement[] lines = [.. File.ReadLines(_world["samples.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];

        Assert.Equal(3 * 18, lines.Length);
        Assert.Equal([0, 1, 4], lines.Select(line => line.GetProperty("shots").GetInt32()).Distinct());
        Assert.Equal(["plain", "wordy", "plain"], lines.Take(3).Select(line => line.GetProperty("template").GetString()));
        Assert.Equal([1, 1, 2], lines.Take(3).Select(line => line.GetProperty("line").GetInt32()));
        Assert.All(lines, line => Assert.Equal(_world["heldout.jsonl"], line.GetProperty("file").GetString()));
        Assert.All(lines, line => Assert.Equal(line.GetProperty("right_choice").GetInt32() == line.GetProperty("answered_choice").GetInt32(), line.GetProperty("exact_match").GetBoolean()));
        Assert.All(lines, line => Assert.Equal(line.GetProperty("exact_match").GetBoolean(), line.GetProperty("right").GetString() == line.GetProperty("answer").GetString()));
        Assert.All(lines, line => Assert.Equal(2, line.GetProperty("choice_scores").GetArrayLength()));
        Assert.Equal("yes", lines[0].GetProperty("right").GetString());
        foreach (var one in measured)
            Assert.Equal(one.ExactMatch, lines.Where(line => line.GetProperty("shots").GetInt32() == one.Shots).Average(line => line.GetProperty("exact_match").GetBoolean() ? 1.0 : 0));
    }

    [Fact]
    public async Task Figures_come_back_from_the_file_of_metrics()
    {
        var (measured, _) = await RunAsync(workers: 1);

        var history = RunHistory.Read(_world["run/metrics.jsonl"]);

        Assert.Equal(JsonSerializer.Serialize(measured.Select(done => done.Metrics.Choices)), JsonSerializer.Serialize(history.Evaluations.Select(one => one.Choices)));
    }

    [Fact]
    public async Task The_tasks_description_stands_before_examples_unless_the_job_has_one()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var own = await HeldOutMeasurement.RunAsync(Job(1), null, _ => { }, Assert.Fail, null, cancellation);
        var longer = await HeldOutMeasurement.RunAsync(Job(1, "evaluation.description=Say whether it fits. Or"), null, _ => { }, Assert.Fail, null, cancellation);

        Assert.Equal([own[0].PromptTokens, own[1].PromptTokens + 3, own[2].PromptTokens + 3], longer.Select(one => one.PromptTokens));
    }

    private static JsonSerializerOptions Fields { get; } = new() { IncludeFields = true };

    private async Task<(List<EvaluationDone> Measured, RunEnded Ended)> RunAsync(int workers)
    {
        var job = Job(workers);
        var options = new NodeOptions { Workers = workers, Folders = new NodeFolders { Cache = _world["cache"] } };
        await using var node = await EmbeddedNode.StartAsync(job, options, TestContext.Current.CancellationToken);
        if (Directory.Exists(_world["run"]))
            Directory.Delete(_world["run"], recursive: true);
        var run = await node.SubmitAsync(job, "job.yaml", new SubmitOptions(), TestContext.Current.CancellationToken);
        var heard = new Listener();
        using var watchers = new RunWatchers([heard, new MetricsFile(TimeProvider.System)]);
        return (heard.Measured, (await run.WatchAsync(watchers)).Ended);
    }

    private JobSpec Job(int workers, params string[] set)
    {
        string[] all =
        [
            $"model={_world["base"]}", $"data.train={_world["train.jsonl"]}", $"data.eval={_world["heldout.jsonl"]}", "data.format=choices", $"data.task={_world["task.yaml"]}",
            "data.max_length=64", "training.max_steps=0", "evaluation.shots=[0, 1, 4]", "evaluation.batch_size=4", $"resources.workers={workers}", $"output.folder={_world["run"]}", .. set,
        ];
        return JobFile.Parse("method: {type: lora}", "job.yaml", _world.Folder, all);
    }

    private static IEnumerable<string> Rows(int count, int first) => Enumerable.Range(first, count).Select(row =>
        JsonSerializer.Serialize(new { thing = $"stone {row}", colour = row % 2 == 0 ? "red" : "blue", label = row % 3 == 0 ? "yes" : "no" }));

    private sealed class Listener : IRunWatcher
    {
        public List<EvaluationDone> Measured { get; } = [];

        public void Opened(RunHeader header)
        {
        }

        public void Hear(RunEvent happened)
        {
            if (happened is EvaluationDone done)
                Measured.Add(done);
        }

        public void Dispose()
        {
        }
    }
}
