using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Tests.Embedded;

/// <summary>max_steps 0: the base is measured with each number of examples, and the run is done.</summary>
public sealed class MeasuringOnlyTests
{
    private static readonly EvaluationTarget[] Targets = [new(false, 0), new(false, 1), new(false, 4)];

    private static JobSpec Job(int steps = 0)
    {
        var job = TestRuns.Job(steps);
        return job with { Evaluation = job.Evaluation with { Shots = [0, 1, 4] } };
    }

    [Fact]
    public async Task A_run_of_no_steps_measures_the_base_and_has_no_adapter()
    {
        using var folder = new TestFolder();

        var (ended, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job()), workers: 2);

        Assert.Equal((JobPhase.Completed, EndReason.AllStepsDone, 0, null, null), (ended.Phase, ended.End, ended.Steps, ended.AdapterFolder, ended.AdapterVersion));
        Assert.Equal("measured, and nothing was to be trained (training.max_steps: 0)", ended.Reason);
        Assert.Equal(Targets, events.OfType<EvaluationDone>().Select(done => done.Target));
        Assert.Empty(events.OfType<StepCommitted>());
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "adapter")));
    }

    [Fact]
    public async Task Figures_are_those_of_a_run_that_trains()
    {
        using var folder = new TestFolder();
        using var other = new TestFolder();

        var measured = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job()), workers: 3);
        var trained = await TestRuns.RunAsync(TestRuns.Request(other.Path, Job(steps: 2)), workers: 1);

        Assert.Equal(trained.Events.OfType<EvaluationDone>().Where(done => !done.Target.Adapter), measured.Events.OfType<EvaluationDone>());
    }

    [Fact]
    public async Task Resumed_it_tells_what_it_measured_and_measures_nothing()
    {
        using var folder = new TestFolder();
        var (_, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job()), workers: 2);

        for (var attempt = 2; attempt < 4; attempt++)
        {
            var (ended, later) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job(), resume: true), workers: 1);
            Assert.Equal((JobPhase.Completed, null), (ended.Phase, ended.AdapterFolder));
            Assert.Equal(events.OfType<EvaluationDone>(), later.OfType<EvaluationDone>());
            Assert.Empty(later.OfType<EvaluationProgress>());
        }
    }

    [Fact]
    public async Task Paused_between_two_measurements_it_goes_on_when_it_is_resumed()
    {
        using var folder = new TestFolder();
        var (paused, _) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job()), workers: 1, (happened, run) =>
        {
            if (happened is EvaluationDone { Target.Shots: 0 })
                run.Pause();
            return Task.CompletedTask;
        });

        var (ended, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job(), resume: true), workers: 2);

        Assert.True(paused.Phase == JobPhase.Paused || paused.Phase == JobPhase.Completed, paused.Reason);
        Assert.Equal(JobPhase.Completed, ended.Phase);
        Assert.Equal(Targets, events.OfType<EvaluationDone>().Select(done => done.Target).Distinct());
    }
}
