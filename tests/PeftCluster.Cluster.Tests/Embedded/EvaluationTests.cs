using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Embedded;

/// <summary>Measuring during training and what is decided by it, through the real actors and over kills.</summary>
public sealed class EvaluationTests
{
    /// <summary>The rate is far too high: version 4 is better than those after it.</summary>
    private static JobSpec Job(int? patience = null, bool loadBest = true, int? maxSteps = null)
    {
        var job = TestRuns.Job(steps: maxSteps ?? 11, saveSteps: 3);
        return job with
        {
            Training = job.Training with
            {
                LearningRate = 0.2,
                LrSchedulerType = LrSchedulerType.Constant,
                EvalSteps = 2,
                EarlyStoppingPatience = patience,
                LoadBestModelAtEnd = loadBest,
            },
        };
    }

    [Fact]
    public async Task Versions_are_measured_between_two_steps_and_the_last_one_once()
    {
        using var folder = new TestFolder();
        var (ended, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job(loadBest: false)), workers: 2);
        Assert.Equal(EndReason.AllStepsDone, ended.End);
        Assert.Equal([null, null, 2, 4, 6, 8, 10, 11], events.OfType<EvaluationDone>().Select(done => done.Version));
        for (var at = 0; at < events.Count; at++)
            if (events[at] is EvaluationDone { Version: { } version })
                Assert.Equal(version - 1, events.Take(at).OfType<StepCommitted>().Last().Step);
        using var other = new TestFolder();
        var unmeasured = Job(loadBest: false) with { Training = Job(loadBest: false).Training with { EvalSteps = null } };
        Assert.Equal((await TestRuns.RunAsync(TestRuns.Request(other.Path, unmeasured), workers: 1)).Ended.AdapterSha256, ended.AdapterSha256);
    }

    [Fact]
    public async Task The_best_version_is_the_result_where_the_job_says_so()
    {
        using var folder = new TestFolder();
        var (ended, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job()), workers: 2);
        var best = events.OfType<EvaluationDone>().Where(done => done.Version is not null).MinBy(done => done.Metrics.Loss)!;
        Assert.Equal(4, best.Version);
        Assert.Equal((11, 4, 4, best.Metrics.Loss), (ended.Steps, ended.Best!.Version, ended.AdapterVersion, ended.Best.Value));
        Assert.Equal([ended.Best.File], Directory.GetFiles(folder.Path, "best-*").Select(path => Path.GetFileName(path)));
        // A run that ends at that version has that adapter.
        using var other = new TestFolder();
        var shorter = await TestRuns.RunAsync(TestRuns.Request(other.Path, Job(loadBest: false, maxSteps: best.Version)), workers: 1);
        Assert.Equal(shorter.Ended.AdapterSha256, ended.AdapterSha256);
    }

    [Fact]
    public async Task Training_stops_when_patience_is_at_its_end_and_a_resumed_run_does_not_train_on()
    {
        using var folder = new TestFolder();
        var (ended, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job(patience: 2)), workers: 2);
        Assert.Equal((JobPhase.Completed, EndReason.EarlyStopped), (ended.Phase, ended.End));
        Assert.Equal((4, 8), (ended.Best!.Version, ended.Steps));
        Assert.StartsWith("stopped early after step 8: 2 measurements in a row did not improve on loss 0.", ended.Reason);
        var (again, later) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job(patience: 2), resume: true), workers: 1);
        Assert.Equal((ended.AdapterSha256, ended.End, ended.Reason, ended.Best), (again.AdapterSha256, again.End, again.Reason, again.Best));
        Assert.Empty(later.OfType<StepCommitted>());
        Assert.Empty(later.OfType<EvaluationProgress>());
        Assert.Equal(events.OfType<EvaluationDone>(), later.OfType<EvaluationDone>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public async Task A_killed_run_measures_and_decides_the_same_again(int step)
    {
        using var folder = new TestFolder();
        var (undisturbed, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job(patience: 2)), workers: 2);
        using var other = new TestFolder();
        await FailedAsync(other, Job(patience: 2), step);
        var (ended, later) = await TestRuns.RunAsync(TestRuns.Request(other.Path, Job(patience: 2), resume: true), workers: 2);
        Assert.Equal(
            (undisturbed.AdapterSha256, undisturbed.End, undisturbed.Reason, undisturbed.Best, undisturbed.Steps),
            (ended.AdapterSha256, ended.End, ended.Reason, ended.Best, ended.Steps));
        Assert.Equal(step, later.OfType<RunStarted>().Single().FirstStep);
        Assert.Equal(events.OfType<EvaluationDone>(), later.OfType<EvaluationDone>());
    }

    [Theory]
    [InlineData("Flip")]
    [InlineData("Delete")]
    public async Task A_best_version_whose_file_is_damaged_is_computed_again(string damage)
    {
        using var whole = new TestFolder();
        var undisturbed = (await TestRuns.RunAsync(TestRuns.Request(whole.Path, Job()), workers: 1)).Ended;
        using var folder = new TestFolder();
        await FailedAsync(folder, Job(), step: 9);
        var best = Directory.GetFiles(folder.Path, "best-*").Single();
        ResumeTests.Damage(best, damage);
        var (ended, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, Job(), resume: true), workers: 1);
        Assert.Equal((undisturbed.AdapterSha256, undisturbed.Best), (ended.AdapterSha256, ended.Best));
        Assert.Contains(events.OfType<RunWarning>(), warning => warning.Text.StartsWith($"{Path.GetFileName(best)}: damaged or gone", StringComparison.Ordinal));
    }

    private static async Task FailedAsync(TestFolder folder, JobSpec job, int step)
    {
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:0", new ArithmeticShape { Throws = (step, 1) }));
        Assert.Equal((EndReason.WorkersFailed, step), ((await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path, job))).Ended is var ended ? (ended.End, ended.Steps) : default));
    }
}
