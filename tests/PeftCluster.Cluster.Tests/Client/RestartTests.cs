using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Tests.Persistence;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Client;

/// <summary>What is left when a coordinator ends without a word: everything that was acknowledged, and the same bits.</summary>
public sealed class RestartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public async Task A_run_is_taken_up_again_and_ends_in_the_same_bits(string kind)
    {
        await using var world = await RemoteWorld.StartAsync(kind);
        var gate = new GatedFactory("a/cpu:0", step: 7);
        await world.AddWorkerAsync(gate);
        await world.AddWorkerAsync(new ArithmeticSourceFactory("b/cpu:0"));
        var client = await world.ClientAsync();
        var run = await client.SubmitAsync(RemoteJobsTests.Submission(minimum: 2), Cancellation);
        var waiting = await client.SubmitAsync(RemoteJobsTests.Submission(), Cancellation);
        await gate.Reached.WaitAsync(TestRuns.Patience, Cancellation);

        await world.KillAndStartCoordinatorAsync();
        gate.Open();

        var events = await RemoteJobsTests.ReadAsync(run);
        var ended = await run.Ended;
        Assert.Equal((JobPhase.Completed, EndReason.AllStepsDone), (ended.Phase, ended.End));
        Assert.Equal(await RemoteJobsTests.EmbeddedAsync(), ended.AdapterSha256);
        Assert.Equal([1, 2], events.OfType<RunStarted>().Select(started => started.Attempt));
        var second = events.OfType<RunStarted>().Last().FirstStep;
        Assert.InRange(second, 5, 7);
        Assert.Equal(Enumerable.Range(second, 12 - second), events.SkipWhile(happened => happened is not RunStarted { Attempt: 2 }).OfType<StepCommitted>().Select(step => step.Step));
        Assert.Equal(ended.AdapterSha256, (await waiting.Ended.WaitAsync(TestRuns.Patience, Cancellation)).AdapterSha256);
    }

    [Fact]
    public async Task A_cancellation_that_was_acknowledged_outlives_the_coordinator()
    {
        await using var world = await RemoteWorld.StartAsync();
        var gate = new GatedFactory("a/cpu:0", step: 4) { HearsCancellation = false };
        await world.AddWorkerAsync(gate);
        var run = await (await world.ClientAsync()).SubmitAsync(RemoteJobsTests.Submission(), Cancellation);
        await gate.Reached.WaitAsync(TestRuns.Patience, Cancellation);
        await run.DecideAsync(UserDecision.Cancel).WaitAsync(TestRuns.Patience, Cancellation);

        await world.KillAndStartCoordinatorAsync();

        var ended = await run.Ended.WaitAsync(TestRuns.Patience, Cancellation);
        gate.Open();
        Assert.Equal((JobPhase.Cancelled, EndReason.Cancelled), (ended.Phase, ended.End));
        Assert.StartsWith("cancelled by the user", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pause_that_was_acknowledged_outlives_the_coordinator_and_the_run_can_be_resumed()
    {
        await using var world = await RemoteWorld.StartAsync();
        var gate = new GatedFactory("a/cpu:0", step: 7);
        await world.AddWorkerAsync(gate);
        var client = await world.ClientAsync();
        var submission = RemoteJobsTests.Submission();
        var run = await client.SubmitAsync(submission, Cancellation);
        await gate.Reached.WaitAsync(TestRuns.Patience, Cancellation);
        await run.DecideAsync(UserDecision.Pause).WaitAsync(TestRuns.Patience, Cancellation);

        await world.KillAndStartCoordinatorAsync();

        Assert.Equal(JobPhase.Paused, (await run.Ended.WaitAsync(TestRuns.Patience, Cancellation)).Phase);
        gate.Open();
        var resumed = await client.SubmitAsync(submission with { Resume = true }, Cancellation);
        Assert.Equal(await RemoteJobsTests.EmbeddedAsync(), (await resumed.Ended.WaitAsync(TestRuns.Patience, Cancellation)).AdapterSha256);
    }

    [Fact]
    public async Task An_end_is_told_to_whoever_asks_after_a_restart()
    {
        await using var world = await RemoteWorld.StartAsync();
        await world.AddWorkerAsync("a/cpu:0");
        var client = await world.ClientAsync();
        var run = await client.SubmitAsync(RemoteJobsTests.Submission(), Cancellation);
        var ended = await run.Ended.WaitAsync(TestRuns.Patience, Cancellation);

        await world.KillAndStartCoordinatorAsync();
        var again = client.Follow(run.RunId, Path.Combine(world.Folder, "again"));

        var told = await again.Ended.WaitAsync(TestRuns.Patience, Cancellation);
        Assert.Equal((ended.Phase, ended.AdapterSha256), (told.Phase, told.AdapterSha256));
        Assert.True(File.Exists(Path.Combine(told.AdapterFolder!, "adapter_model.safetensors")));
    }

    [Fact]
    public async Task What_cannot_be_stored_is_not_acknowledged_and_ends_the_jobs_actor_with_its_reason()
    {
        await using var world = await RemoteWorld.StartAsync();
        var gate = new GatedFactory("a/cpu:0", step: 4);
        await world.AddWorkerAsync(gate);
        var run = await (await world.ClientAsync()).SubmitAsync(RemoteJobsTests.Submission(), Cancellation);
        await gate.Reached.WaitAsync(TestRuns.Patience, Cancellation);
        TestDatabases.Drop(world.State, "journal");

        var pause = run.DecideAsync(UserDecision.Pause);

        Assert.StartsWith("the job database cannot be written (", await world.Fell.WaitAsync(TestRuns.Patience, Cancellation), StringComparison.Ordinal);
        Assert.False(pause.IsCompleted);
        gate.Open();
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public async Task Of_two_coordinators_over_one_database_the_later_one_commits_and_the_other_is_fenced(string kind)
    {
        await using var world = await RemoteWorld.StartAsync(kind);
        var gate = new GatedFactory("a/cpu:0", step: 7);
        await world.AddWorkerAsync(gate);
        var submission = RemoteJobsTests.Submission();
        await (await world.ClientAsync()).SubmitAsync(submission, Cancellation);
        await gate.Reached.WaitAsync(TestRuns.Patience, Cancellation);

        await using var twin = await world.StartTwinAsync();
        await twin.AddWorkerAsync("b/cpu:0");
        var ended = await (await twin.ClientAsync()).Follow(submission.RunId).Ended.WaitAsync(TestRuns.Patience, Cancellation);
        gate.Open();

        Assert.Equal(await RemoteJobsTests.EmbeddedAsync(), ended.AdapterSha256);
        Assert.Equal($"another coordinator has taken attempt 2 of run {submission.RunId}; attempt 1 is over and commits nothing more", await world.Fell.WaitAsync(TestRuns.Patience, Cancellation));
        Assert.False(twin.Fell.IsCompleted);
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public async Task A_coordinator_whose_database_another_one_writes_acknowledges_nothing(string kind)
    {
        await using var world = await RemoteWorld.StartAsync(kind);
        var client = await world.ClientAsync();
        await using var twin = await world.StartTwinAsync();
        await (await twin.ClientAsync()).SubmitAsync(RemoteJobsTests.Submission(), Cancellation);

        var refused = client.SubmitAsync(RemoteJobsTests.Submission(), Cancellation);

        Assert.StartsWith("the job database cannot be written (", await world.Fell.WaitAsync(TestRuns.Patience, Cancellation), StringComparison.Ordinal);
        Assert.False(refused.IsCompleted);
    }
}
