using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Embedded;

/// <summary>Runs that stop and go on: whatever happens in between, the adapter has the bits of an undisturbed run.</summary>
public sealed class ResumeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task A_paused_run_goes_on_to_the_same_bits(int pauseAfter)
    {
        using var folder = new TestFolder();
        var (paused, events) = await PausedAsync(folder, pauseAfter);
        Assert.Equal((JobPhase.Paused, null), (paused.Phase, paused.End));
        Assert.Equal(pauseAfter + 2, paused.Steps);
        Assert.Equal($"paused after step {paused.Steps - 1}", paused.Reason);
        Assert.Contains(events.OfType<SnapshotWritten>(), snapshot => snapshot.Step == paused.Steps);

        var (ended, later) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, resume: true), workers: 3);

        Assert.Equal(JobPhase.Completed, ended.Phase);
        Assert.Equal(await UndisturbedAsync(), ended.AdapterSha256);
        var started = later.OfType<RunStarted>().Single();
        Assert.Equal((2, paused.Steps), (started.Attempt, started.FirstStep));
        Assert.Equal(Enumerable.Range(paused.Steps, 12 - paused.Steps), later.OfType<StepCommitted>().Select(step => step.Step));
    }

    [Fact]
    public async Task Measurements_of_the_base_are_not_taken_again_and_are_told_again()
    {
        using var folder = new TestFolder();
        var (_, before) = await PausedAsync(folder, pauseAfter: 3);
        var (_, after) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, resume: true), workers: 2);
        var ofBase = before.OfType<EvaluationDone>().ToArray();
        Assert.Equal(2, ofBase.Length);
        Assert.Equal(ofBase, after.OfType<EvaluationDone>().Where(done => !done.Target.Adapter));
        Assert.DoesNotContain(after.OfType<EvaluationProgress>(), progress => !progress.Target.Adapter);
    }

    [Theory]
    [InlineData("nothing", "", 9)]
    [InlineData("snapshot-00000005.safetensors", "Flip", 9)]
    [InlineData("snapshot-00000005.safetensors", "Delete", 9)]
    [InlineData("snapshot-*", "Flip", 0)]
    [InlineData("journal-000001.bin", "Flip", 5)]
    [InlineData("journal-000001.bin", "Tear", 8)]
    [InlineData("gradients-000001-00000005.bin", "Flip", 7)]
    [InlineData("gradients-000001-00000005.bin", "Tear", 8)]
    [InlineData("gradients-000001-00000005.bin", "Delete", 5)]
    public async Task A_damaged_file_costs_steps_but_no_bit(string file, string damage, int goesOnAt)
    {
        using var folder = new TestFolder();
        await FailedAtStepNineAsync(folder);
        foreach (var path in Directory.GetFiles(folder.Path, file))
            Damage(path, damage);

        var (ended, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, resume: true), workers: 2);

        Assert.Equal((JobPhase.Completed, await UndisturbedAsync()), (ended.Phase, ended.AdapterSha256));
        Assert.Equal(goesOnAt, events.OfType<RunStarted>().Single().FirstStep);
        if (damage == "Flip")
            Assert.Contains(events.OfType<RunWarning>(), warning => warning.Text.StartsWith(file.TrimEnd('*'), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_completed_can_be_resumed_and_changes_nothing()
    {
        using var folder = new TestFolder();
        var (first, _) = await TestRuns.RunAsync(TestRuns.Request(folder.Path), workers: 2);
        var (again, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, resume: true), workers: 1);
        Assert.Equal((JobPhase.Completed, first.AdapterSha256), (again.Phase, again.AdapterSha256));
        Assert.Empty(events.OfType<StepCommitted>());
    }

    [Fact]
    public async Task A_cancelled_run_ends_at_once_and_can_be_resumed()
    {
        using var folder = new TestFolder();
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        var gate = new GatedFactory("cpu:0", step: 5);
        cluster.AddWorker(gate);
        var (cancelled, _) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path), async (happened, run) =>
        {
            if (happened is not StepCommitted { Step: 4 })
                return;
            await gate.Reached.WaitAsync(TestRuns.Patience);
            run.Cancel();
        });
        Assert.Equal((JobPhase.Cancelled, EndReason.Cancelled), (cancelled.Phase, cancelled.End));
        var (ended, _) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, resume: true), workers: 2);
        Assert.Equal(await UndisturbedAsync(), ended.AdapterSha256);
    }

    [Fact]
    public async Task A_folder_with_an_unfinished_run_is_refused_without_resume()
    {
        using var folder = new TestFolder();
        await FailedAtStepNineAsync(folder);
        var refused = await Assert.ThrowsAsync<BadInputException>(() => TestRuns.RunAsync(TestRuns.Request(folder.Path), workers: 1));
        Assert.Equal($"{folder.Path}: an unfinished run lies here. Add --resume to go on with it, or choose another output.folder.", refused.Message);
    }

    [Fact]
    public async Task Another_jobs_folder_is_refused_with_what_differs()
    {
        using var folder = new TestFolder();
        await TestRuns.RunAsync(TestRuns.Request(folder.Path), workers: 1);
        var refused = await Assert.ThrowsAsync<BadInputException>(() => TestRuns.RunAsync(TestRuns.Request(folder.Path, TestRuns.Job(seed: 8), resume: true), workers: 1));
        Assert.Equal($"{folder.Path}: another job's run lies here; they differ in training.seed (7 and 8). Choose another output.folder, or resume with the job as it was.", refused.Message);
        var wider = await Assert.ThrowsAsync<BadInputException>(() => TestRuns.RunAsync(TestRuns.Request(folder.Path, TestRuns.Job() with { BaseDtype = BaseDtype.Float32 }, resume: true), workers: 1));
        Assert.Contains("they differ in base_dtype (\"stored\" and \"float32\").", wider.Message, StringComparison.Ordinal);
        var data = await Assert.ThrowsAsync<BadInputException>(() => TestRuns.RunAsync(TestRuns.Request(folder.Path, resume: true) with { Data = DataReference.Own("other") }, workers: 1));
        Assert.Contains("learnt from other data", data.Message);
    }

    private static async Task<string?> UndisturbedAsync()
    {
        using var folder = new TestFolder();
        return (await TestRuns.RunAsync(TestRuns.Request(folder.Path), workers: 1)).Ended.AdapterSha256;
    }

    /// <summary>A run whose user asks for a pause while the step after this one is computed: that one is finished.</summary>
    private static async Task<(RunEnded Ended, List<RunEvent> Events)> PausedAsync(TestFolder folder, int pauseAfter)
    {
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        var gate = new GatedFactory("cpu:0", pauseAfter + 1);
        cluster.AddWorker(gate);
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:1"));
        return await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path), async (happened, run) =>
        {
            if (happened is not StepCommitted step || step.Step != pauseAfter)
                return;
            await gate.Reached.WaitAsync(TestRuns.Patience);
            run.Pause();
            await cluster.AllHeardAsync();
            gate.Open();
        });
    }

    /// <summary>A run that has committed steps 0 to 8 and snapshots of versions 0 and 5, and then has no worker that can go on.</summary>
    private static async Task FailedAtStepNineAsync(TestFolder folder)
    {
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:0", new ArithmeticShape { Throws = (9, 0) }));
        var (ended, _) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path));
        Assert.Equal((EndReason.WorkersFailed, 9), (ended.End, ended.Steps));
        Assert.Equal("step 9, micro-batch 0 on cpu:0: InvalidOperationException: planted: the device fails at step 9, shard 0", ended.Reason);
    }

    internal static void Damage(string path, string damage)
    {
        var bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "Flip":
                bytes[bytes.Length / 2] ^= 4;
                File.WriteAllBytes(path, bytes);
                break;
            case "Tear":
                File.WriteAllBytes(path, bytes[..^5]);
                break;
            default:
                File.Delete(path);
                break;
        }
    }
}
