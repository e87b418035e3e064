using System.Text.Json;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Tests.Reports;

public sealed class MetricsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Every_line_is_an_object_that_says_what_it_is()
    {
        Write(SampleRun.Whole());

        var events = Lines().Select(line => line.GetProperty("event").GetString()!).CountBy(name => name).ToDictionary();
        Assert.Equal(1, events["start"]);
        Assert.Equal(SampleRun.Steps, events["step"]);
        Assert.Equal(4, events["evaluation"]);
        Assert.Equal(1, events["snapshot"]);
        Assert.Equal("end", Lines()[^1].GetProperty("event").GetString());
        Assert.Equal(SampleRun.Sha256, Lines()[^1].GetProperty("adapter_sha256").GetString());
    }

    [Fact]
    public void Steps_count_from_one_as_committed_steps()
    {
        Write(SampleRun.Whole());

        var steps = Lines().Where(line => line.GetProperty("event").GetString() == "step").Select(line => line.GetProperty("step").GetInt32());
        Assert.Equal(Enumerable.Range(1, SampleRun.Steps), steps);
    }

    [Fact]
    public void Each_loss_on_answer_choices_stands_beside_their_sum_and_is_read_back()
    {
        Write([SampleRun.Started(), SampleRun.Choosing(0), SampleRun.Step(1)]);

        Assert.Equal((1.5, -0.25, 0.75), (Lines()[1].GetProperty("loss_language_model").GetDouble(), Lines()[1].GetProperty("loss_unlikelihood").GetDouble(), Lines()[1].GetProperty("loss_length_normalised").GetDouble()));
        Assert.DoesNotContain(Lines()[2].EnumerateObject(), key => key.Name.StartsWith("loss_", StringComparison.Ordinal));
        var steps = RunHistory.Read(_folder["metrics.jsonl"]).Steps;
        Assert.Equal([1.5, -0.25, 0.75], steps[0].Terms.Select(term => term.Mean));
        Assert.Empty(steps[1].Terms);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_null()
    {
        Write([SampleRun.Started(), SampleRun.Step(0) with { Loss = double.NaN }]);

        Assert.Equal(JsonValueKind.Null, Lines()[1].GetProperty("loss").ValueKind);
    }

    [Fact]
    public void A_resumed_run_goes_on_in_the_same_file_without_steps_twice()
    {
        Write([SampleRun.Started(), .. Enumerable.Range(0, 12).Select(SampleRun.Step), SampleRun.Ended(JobPhase.Paused, 12)]);
        Write([SampleRun.Started(attempt: 2, firstStep: 10), .. Enumerable.Range(10, 14).Select(SampleRun.Step), SampleRun.Ended()]);

        var history = RunHistory.Read(_folder["metrics.jsonl"]);
        Assert.Equal(Enumerable.Range(1, SampleRun.Steps), history.Steps.Select(step => step.Step));
        Assert.Equal(2, Lines().Count(line => line.GetProperty("event").GetString() == "start"));
    }

    [Fact]
    public void Measured_versions_have_their_step_and_the_result_is_the_one_that_was_exported()
    {
        Write(SampleRun.StoppedEarly());

        Assert.Equal([4, 8, 12, 16], Lines().Where(line => line.GetProperty("event").GetString() == "evaluation").Select(line => line.GetProperty("step").GetInt32()));
        Assert.Equal(("early_stopped", 8, 8), (Lines()[^1].GetProperty("end").GetString(), Lines()[^1].GetProperty("adapter_step").GetInt32(), Lines()[^1].GetProperty("best_step").GetInt32()));
        var history = RunHistory.Read(_folder["metrics.jsonl"]);
        Assert.Equal(0.25, Assert.Single(history.Evaluations).Loss);
        Assert.Equal([(4, 0.5), (8, 0.25), (12, 0.5), (16, 0.75)], history.Versions.Select(version => (version.Step, version.Loss)));
    }

    [Fact]
    public void Measurements_that_a_resumed_run_tells_again_stand_there_once()
    {
        Write([.. SampleRun.StoppedEarly().Take(14), SampleRun.Ended(JobPhase.Paused, 12)]);
        Write([SampleRun.Started(attempt: 2, firstStep: 10), SampleRun.Version(4), SampleRun.Version(8), SampleRun.Step(10), SampleRun.Step(11), SampleRun.Version(12)]);

        Assert.Equal([4, 8, 12], Lines().Where(line => line.GetProperty("event").GetString() == "evaluation").Select(line => line.GetProperty("step").GetInt32()));
        Assert.Equal(Enumerable.Range(1, 12), RunHistory.Read(_folder["metrics.jsonl"]).Steps.Select(step => step.Step));
    }

    [Fact]
    public void A_fresh_run_does_not_keep_an_older_runs_lines()
    {
        Write(SampleRun.Whole());
        Write([SampleRun.Started()]);

        Assert.Single(Lines());
    }

    public void Dispose() => _folder.Dispose();

    private void Write(IEnumerable<Cluster.Coordinator.RunEvent> events)
    {
        using var file = new MetricsFile(TimeProvider.System);
        file.Opened(SampleRun.Header(_folder.Path));
        foreach (var happened in events)
            file.Hear(happened);
    }

    private List<JsonElement> Lines() =>
        [.. File.ReadLines(_folder["metrics.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];
}
