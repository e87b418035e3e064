using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Embedded;

/// <summary>What goes wrong with workers, through the real actors.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task A_worker_that_dies_in_the_middle_of_a_step_costs_nothing()
    {
        using var folder = new TestFolder();
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        var dying = new GatedFactory("cpu:1", step: 3);
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:0"));
        cluster.AddWorker(dying);
        var (ended, events) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path), async (happened, _) =>
        {
            if (happened is not StepCommitted { Step: 2 })
                return;
            await dying.Reached.WaitAsync(TestRuns.Patience);
            cluster.System.ActorSelection("/user/worker-cpu-1").Tell(PoisonPill.Instance);
        });
        Assert.Equal((JobPhase.Completed, await UndisturbedAsync()), (ended.Phase, ended.AdapterSha256));
        Assert.StartsWith("worker cpu:1 is gone: ", Assert.Single(events.OfType<RunWarning>()).Text);
        Assert.Equal(12, events.OfType<StepCommitted>().Count());
        Assert.All(events.OfType<StepCommitted>().Skip(4), step => Assert.Equal("cpu:0", Assert.Single(step.Workers).Worker));
    }

    [Fact]
    public async Task A_worker_that_comes_while_a_run_is_under_way_gets_work_when_it_has_proven_itself()
    {
        using var folder = new TestFolder();
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        var gate = new GatedFactory("cpu:0", step: 3);
        cluster.AddWorker(gate);
        // A step takes half a millisecond: there have to be some left when the newcomer has read what it needs.
        var (ended, events) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path, TestRuns.Job(steps: 1000)), async (happened, _) =>
        {
            if (happened is not StepCommitted { Step: 2 })
                return;
            cluster.AddWorker(new ArithmeticSourceFactory("cpu:1"));
            await cluster.AllHeardAsync();
            gate.Open();
        });
        Assert.Equal(JobPhase.Completed, ended.Phase);
        Assert.Contains(events.OfType<StepCommitted>(), step => step.Workers.Any(worker => worker.Worker == "cpu:1"));
        Assert.Equal(1000, events.OfType<StepCommitted>().Count());
    }

    [Fact]
    public async Task A_late_worker_keeps_nobody_waiting_and_its_late_copy_is_compared()
    {
        using var folder = new TestFolder();
        var deadlines = new Deadlines { Floor = TimeSpan.FromMilliseconds(50) };
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions { Deadlines = deadlines }, TestContext.Current.CancellationToken);
        var frozen = new GatedFactory("cpu:1", step: 3);
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:0"));
        cluster.AddWorker(frozen);
        var (ended, events) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path));
        Assert.Equal((JobPhase.Completed, await UndisturbedAsync()), (ended.Phase, ended.AdapterSha256));
        Assert.Equal("cpu:0", Assert.Single(events.OfType<StepCommitted>().Single(step => step.Step == 3).Workers).Worker);
        var warning = Assert.Single(events.OfType<RunWarning>());
        Assert.StartsWith("worker cpu:1 is slow: ", warning.Text);
        Assert.Equal("cpu:1", warning.About);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.0)]
    public async Task A_worker_that_lies_is_found_by_audit_named_and_quarantined(double auditFraction)
    {
        using var folder = new TestFolder();
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        // One shard each, so the leaf is cpu:1's.
        for (var worker = 0; worker < 4; worker++)
            cluster.AddWorker(new ArithmeticSourceFactory($"cpu:{worker}", worker == 1 ? new ArithmeticShape { Flipped = (3, 1) } : null));
        var job = TestRuns.Job();
        var (ended, events) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path, job with { Training = job.Training with { AuditFraction = auditFraction } }));
        Assert.Equal(JobPhase.Completed, ended.Phase);
        if (auditFraction == 0)
        {
            Assert.NotEqual(await UndisturbedAsync(), ended.AdapterSha256); // Nobody looked.
            return;
        }
        Assert.Equal(await UndisturbedAsync(), ended.AdapterSha256);
        Assert.StartsWith("worker cpu:1 is quarantined: it computed micro-batch 1 of step 3 to other bits than ", Assert.Single(events.OfType<RunWarning>(), warning => warning.Text.Contains("quarantined", StringComparison.Ordinal)).Text);
        Assert.All(events.OfType<StepCommitted>().Where(step => step.Step >= 3), step => Assert.DoesNotContain("cpu:1", step.Workers.Select(worker => worker.Worker)));
    }

    [Fact]
    public async Task A_worker_that_hangs_is_left_behind_when_the_user_cancels()
    {
        using var folder = new TestFolder();
        var deadlines = new Deadlines { Release = TimeSpan.FromMilliseconds(300) };
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions { Deadlines = deadlines }, TestContext.Current.CancellationToken);
        var hanging = new GatedFactory("cpu:0", step: 2) { HearsCancellation = false };
        cluster.AddWorker(hanging);
        var (ended, _) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path), async (happened, run) =>
        {
            if (happened is not StepCommitted { Step: 1 })
                return;
            await hanging.Reached.WaitAsync(TestRuns.Patience);
            run.Cancel();
        });
        Assert.Equal((JobPhase.Cancelled, EndReason.WorkerAbandoned, "cancelled (worker abandoned: cpu:0)"), (ended.Phase, ended.End, ended.Reason));
        hanging.Open();
    }

    [Fact]
    public async Task A_worker_with_a_broken_device_is_found_out_when_two_compute_the_same_leaf()
    {
        using var folder = new TestFolder();
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:0", new ArithmeticShape { NotFinite = (3, 0) }));
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:1"));
        // Two shards for two workers: each has one.
        var (ended, _) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path, TestRuns.Job(shards: 2)));
        Assert.Equal(EndReason.HardwareDisagreement, ended.End);
        Assert.StartsWith("hardware_disagreement at step 3: cpu:0 and cpu:1 computed micro-batch 0 to different bits", ended.Reason);
    }

    [Fact]
    public async Task A_run_that_diverges_names_step_and_rows()
    {
        using var folder = new TestFolder();
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        foreach (var device in (string[])["cpu:0", "cpu:1"])
            cluster.AddWorker(new ArithmeticSourceFactory(device, new ArithmeticShape { NotFinite = (3, 1) }));
        var (ended, _) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path));
        Assert.Equal((JobPhase.Failed, EndReason.Diverged, 3), (ended.Phase, ended.End, ended.Steps));
        Assert.Matches(@"^diverged at step 3: loss or gradient not finite, on two workers alike \(cpu:\d, cpu:\d\); samples \d+, \d+, \d+\. Lower the learning rate or look at those rows$", ended.Reason);
    }

    [Fact]
    public async Task Runs_wait_for_each_other()
    {
        using var first = new TestFolder();
        using var second = new TestFolder();
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:0"));
        var handles = new[]
        {
            await cluster.SubmitAsync(TestRuns.Request(first.Path), TestContext.Current.CancellationToken),
            await cluster.SubmitAsync(TestRuns.Request(second.Path), TestContext.Current.CancellationToken),
        };
        var ends = await Task.WhenAll(handles.Select(handle => handle.Ended)).WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        Assert.All(ends, end => Assert.Equal(JobPhase.Completed, end.Phase));
        Assert.Equal(ends[0].AdapterSha256, ends[1].AdapterSha256);
    }

    private static async Task<string?> UndisturbedAsync()
    {
        using var folder = new TestFolder();
        return (await TestRuns.RunAsync(TestRuns.Request(folder.Path), workers: 1)).Ended.AdapterSha256;
    }
}
