using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Tests.Client;

/// <summary>Whole runs of a cluster of several actor systems, seen by a client.</summary>
public sealed class RemoteJobsTests
{
    [Fact]
    public async Task A_submitted_job_runs_on_the_workers_and_ends_in_the_embedded_runs_bits()
    {
        await using var world = await RemoteWorld.StartAsync();
        await world.AddWorkerAsync("a/cpu:0");
        await world.AddWorkerAsync("b/cpu:0");
        var client = await world.ClientAsync();
        var adapter = Path.Combine(world.Folder, "mine", "adapter");

        var run = await client.SubmitAsync(Submission(minimum: 2) with { AdapterFolder = adapter }, TestContext.Current.CancellationToken);
        var events = await ReadAsync(run);

        var ended = await run.Ended;
        Assert.Equal((JobPhase.Completed, EndReason.AllStepsDone, 12), (ended.Phase, ended.End, ended.Steps));
        Assert.Equal(await EmbeddedAsync(), ended.AdapterSha256);
        Assert.Equal(adapter, ended.AdapterFolder);
        Assert.Equal(ended.AdapterSha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(adapter, "adapter_model.safetensors"), TestContext.Current.CancellationToken))));
        Assert.Equal(Enumerable.Range(0, 12), events.OfType<StepCommitted>().Select(step => step.Step));
        Assert.Equal(["a/cpu:0", "b/cpu:0"], events.OfType<RunStarted>().Single().Workers);
        var row = Assert.Single(await client.ListAsync(TestContext.Current.CancellationToken));
        Assert.Equal((run.RunId, "test", "completed", 1, 12, 12), (row.RunId, row.Name, row.Phase, row.Attempt, row.Steps, row.TotalSteps));
    }

    [Fact]
    public async Task A_job_that_is_wrong_is_refused_with_the_coordinators_line()
    {
        await using var world = await RemoteWorld.StartAsync();
        var client = await world.ClientAsync();
        var unknown = Submission() with { Resume = true };
        var refused = await Assert.ThrowsAsync<BadInputException>(() => client.SubmitAsync(unknown, TestContext.Current.CancellationToken));
        Assert.Equal($"{unknown.RunId}: no such run is known to this coordinator. Submit the job without --resume.", refused.Message);
    }

    [Fact]
    public async Task Data_that_is_not_there_fails_the_run_as_bad_input()
    {
        await using var world = await RemoteWorld.StartAsync();
        await world.AddWorkerAsync("a/cpu:0");
        var client = await world.ClientAsync();
        var run = await client.SubmitAsync(Submission() with { Data = Steps.Seam.DataReference.Own("nothing") }, TestContext.Current.CancellationToken);
        var ended = await run.Ended.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        Assert.Equal((JobPhase.Failed, EndReason.BadInput), (ended.Phase, ended.End));
        Assert.StartsWith("data nothing: is no made-up data.", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_finds_no_coordinator_says_whom_it_asked()
    {
        await using var world = await RemoteWorld.StartAsync();
        var nobody = new RemoteJobs(world.Coordinator.Actors, world.Options with { Coordinators = _ => [new Akka.Actor.Address("akka.tcp", "peft", "127.0.0.1", 1)], Answer = TimeSpan.FromSeconds(1) });
        var silent = await Assert.ThrowsAsync<InvalidOperationException>(() => nobody.SubmitAsync(Submission(), TestContext.Current.CancellationToken));
        Assert.Equal("no coordinator has answered for 1 s: asked 127.0.0.1:1. See that it runs, and that this machine reaches it.", silent.Message);
        Assert.Contains("asked 127.0.0.1:1", (await Assert.ThrowsAsync<InvalidOperationException>(() => nobody.FindAsync(TestContext.Current.CancellationToken))).Message);
    }

    [Fact]
    public async Task A_client_that_went_away_comes_back_to_all_events()
    {
        await using var world = await RemoteWorld.StartAsync();
        var gate = new GatedFactory("a/cpu:0", step: 6);
        await world.AddWorkerAsync(gate);
        var submission = Submission();
        var first = await (await world.ClientAsync()).SubmitAsync(submission, TestContext.Current.CancellationToken);
        await gate.Reached.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        first.Leave();
        gate.Open();
        await (await world.ClientAsync()).ListAsync(TestContext.Current.CancellationToken);

        var again = (await world.ClientAsync()).Follow(submission.RunId);
        var events = await ReadAsync(again);

        Assert.Equal(Enumerable.Range(0, 12), events.OfType<StepCommitted>().Select(step => step.Step));
        Assert.Equal(JobPhase.Completed, (await again.Ended).Phase);
    }

    [Fact]
    public async Task A_pause_is_answered_when_it_is_stored_and_the_run_goes_on_when_it_is_resumed()
    {
        await using var world = await RemoteWorld.StartAsync();
        var gate = new GatedFactory("a/cpu:0", step: 4);
        await world.AddWorkerAsync(gate);
        var client = await world.ClientAsync();
        var submission = Submission();
        var run = await client.SubmitAsync(submission, TestContext.Current.CancellationToken);
        await gate.Reached.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        await run.DecideAsync(UserDecision.Pause).WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        await run.DecideAsync(UserDecision.Pause).WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        Assert.Equal("pausing", Assert.Single(await client.ListAsync(TestContext.Current.CancellationToken)).Phase);
        gate.Open();
        var paused = await run.Ended.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        Assert.Equal((JobPhase.Paused, "paused after step 4"), (paused.Phase, paused.Reason));

        var resumed = await client.SubmitAsync(submission with { Resume = true }, TestContext.Current.CancellationToken);
        var events = await ReadAsync(resumed);

        Assert.Equal((2, 5), (events.OfType<RunStarted>().Single().Attempt, events.OfType<RunStarted>().Single().FirstStep));
        Assert.Equal(await EmbeddedAsync(), (await resumed.Ended).AdapterSha256);
    }

    [Fact]
    public async Task A_job_that_waits_is_cancelled_at_once_and_the_one_that_runs_is_not_touched()
    {
        await using var world = await RemoteWorld.StartAsync();
        var gate = new GatedFactory("a/cpu:0", step: 2);
        await world.AddWorkerAsync(gate);
        var client = await world.ClientAsync();
        var first = await client.SubmitAsync(Submission(), TestContext.Current.CancellationToken);
        await gate.Reached.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        var second = await client.SubmitAsync(Submission(), TestContext.Current.CancellationToken);
        Assert.Equal(["running", "queued"], (await client.ListAsync(TestContext.Current.CancellationToken)).Select(row => row.Phase));
        await second.DecideAsync(UserDecision.Cancel).WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(EndReason.Cancelled, (await second.Ended.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken)).End);
        gate.Open();
        Assert.Equal(JobPhase.Completed, (await first.Ended.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken)).Phase);
    }

    [Fact]
    public async Task A_failed_run_goes_on_when_it_is_submitted_again_and_a_completed_ones_end_is_told_again()
    {
        await using var world = await RemoteWorld.StartAsync();
        await world.AddWorkerAsync(new Steps.Seam.ArithmeticSourceFactory("a/cpu:0", new Steps.Seam.ArithmeticShape { Throws = (9, 0) }));
        var client = await world.ClientAsync();
        var submission = Submission();
        var failed = await (await client.SubmitAsync(submission, TestContext.Current.CancellationToken)).Ended.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        Assert.Equal((EndReason.WorkersFailed, 9), (failed.End, failed.Steps));

        await world.AddWorkerAsync("b/cpu:0");
        var again = await client.SubmitAsync(submission with { Resume = true, Job = Submission(minimum: 2).Job }, TestContext.Current.CancellationToken);
        var events = await ReadAsync(again);

        var started = events.OfType<RunStarted>().Single();
        Assert.Equal((2, 9), (started.Attempt, started.FirstStep));
        Assert.Equal(await EmbeddedAsync(), (await again.Ended).AdapterSha256);
        var told = await client.SubmitAsync(submission with { Resume = true }, TestContext.Current.CancellationToken);
        Assert.Equal((await again.Ended).AdapterSha256, (await told.Ended.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken)).AdapterSha256);
    }

    internal static RemoteSubmission Submission(int minimum = 1) => new(
        JobId.New(TimeProvider.System).ToString(),
        TestRuns.Job() with { Resources = new Jobs.Spec.ResourcesSpec { Workers = new Jobs.Spec.WorkersRange(minimum, 8) } },
        ArithmeticCatalog.Reference(70, TestRuns.HeldOutRows));

    internal static async Task<List<RunEvent>> ReadAsync(RemoteRun run)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TestRuns.Patience);
        var events = new List<RunEvent>();
        await foreach (var happened in run.Events.WithCancellation(patience.Token))
            events.Add(happened);
        return events;
    }

    internal static async Task<string?> EmbeddedAsync()
    {
        using var folder = new TestFolder();
        return (await TestRuns.RunAsync(TestRuns.Request(folder.Path), workers: 1)).Ended.AdapterSha256;
    }
}
