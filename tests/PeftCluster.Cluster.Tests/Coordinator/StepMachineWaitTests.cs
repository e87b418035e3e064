using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Tests.Coordinator;

/// <summary>Who is waited for, how long, and what then; who may join.</summary>
public sealed class StepMachineWaitTests
{
    [Fact]
    public void A_late_leaf_is_copied_to_a_worker_that_is_done_and_the_first_copy_counts()
    {
        var run = new MachineRun().Begin().Done("cpu:0", 0, 0, 1);
        Assert.Empty(run.After(TimeSpan.FromMilliseconds(540)).Those<RunEffect.SendStep>());
        run.After(TimeSpan.FromMilliseconds(20)); // 3 × 100 ms + 250 ms have passed.
        var copy = Assert.Single(run.Those<RunEffect.SendStep>());
        Assert.Equal(("cpu:0", 2), (copy.Worker, Assert.Single(copy.Shards)));
        Assert.Empty(run.After(TimeSpan.FromMilliseconds(20)).Those<RunEffect.SendStep>()); // One at a time: it is not done.
        run.Done("cpu:0", 0, 2).After(TimeSpan.FromMilliseconds(20));
        Assert.Equal([3], run.Those<RunEffect.SendStep>().Single().Shards);
        run.Done("cpu:0", 0, 3);
        Assert.Equal(RunPhase.Checking, run.Phase);
    }

    [Fact]
    public void A_cluster_that_is_slow_as_a_whole_moves_nobody()
    {
        var run = new MachineRun().Begin().After(TimeSpan.FromSeconds(4));
        Assert.Empty(run.Effects);
        // Questions are asked again, of the same workers.
        run.After(TimeSpan.FromSeconds(2));
        Assert.Equal(["cpu:0: 0 1", "cpu:1: 2 3"], run.Those<RunEffect.SendStep>().Select(step => $"{step.Worker}: {string.Join(" ", step.Shards)}"));
    }

    [Fact]
    public void A_worker_without_a_sign_until_the_ceiling_is_given_up_and_what_it_owed_is_named()
    {
        var run = new MachineRun(workers: 1).Begin().After(TimeSpan.FromMinutes(10));
        Assert.Equal(
            (EndReason.WorkersFailed, "no worker is left. worker cpu:0: no sign of it for 600 s while it owed micro-batches 0, 1, 2, 3 of step 0"),
            (run.Ended!.End, run.Ended.Reason));
    }

    [Fact]
    public void A_worker_that_does_not_open_the_job_in_time_is_gone_on_without()
    {
        var run = new MachineRun().Give(new RunInput.Began()).Ready("cpu:0");
        Assert.Equal(RunPhase.Gathering, run.Phase);
        run.After(TimeSpan.FromMinutes(10));
        Assert.Equal(RunPhase.Initialising, run.Phase);
        Assert.Equal(["worker cpu:1 is gone: it did not open the job in 600 s"], run.Warnings);
    }

    [Fact]
    public void Too_few_workers_end_the_run_with_the_cause()
    {
        var run = new MachineRun(minimum: 2).Give(new RunInput.Began()).Ready("cpu:0").Give(new RunInput.WorkerRefused("cpu:1", "no memory", IsBadInput: false));
        run.Give(new RunInput.WorkerReleased("cpu:0"));
        Assert.Equal("resources.workers asks for 2 workers at least, 1 are ready: no memory", run.Ended!.Reason);
    }

    [Fact]
    public void A_mistake_of_the_user_is_told_as_such_and_in_its_own_words()
    {
        var run = new MachineRun(workers: 1).Give(new RunInput.Began()).Give(new RunInput.WorkerRefused("cpu:0", "method.r: 0 is not in [1, 4096].", IsBadInput: true));
        Assert.Equal((EndReason.BadInput, "method.r: 0 is not in [1, 4096]."), (run.Ended!.End, run.Ended.Reason));
    }

    [Fact]
    public void A_worker_of_another_layout_or_numeric_class_is_refused_by_name()
    {
        var run = new MachineRun(workers: 3).Give(new RunInput.Began()).Ready("cpu:0").Ready("cpu:1", layout: "other-layout").Ready("cpu:2", numericClass: "avx512");
        Assert.Equal(
            [
                "worker cpu:1: refused: its adapter's layout has hash other-la, this job's has layout-h: another build or another base model",
                "worker cpu:2: refused: its numeric class is avx512, this job's is class: it would compute other bits",
            ],
            run.Warnings);
        Assert.Equal(RunPhase.Initialising, run.Phase);
    }

    [Fact]
    public void A_cluster_that_lost_all_its_workers_waits_for_one_and_gives_it_what_is_open()
    {
        var run = new MachineRun(deadlines: Deadlines.OfCluster).Begin().Done("cpu:0", 0, 0).Give(Lost("cpu:0")).Give(Lost("cpu:1")).After(TimeSpan.FromMinutes(9));
        Assert.Null(run.Ended);
        Assert.Contains("no worker is left; the run waits up to 600 s for one", run.Warnings);
        run.Give(new RunInput.WorkerCame("cpu:7")).Ready("cpu:7");
        Assert.Equal([1, 2, 3], run.Those<RunEffect.SendStep>().SelectMany(step => step.Shards).Order());
        run.After(TimeSpan.FromMinutes(2)).Done("cpu:7", 0, 1, 2, 3);
        Assert.Equal(RunPhase.Checking, run.Phase);
    }

    [Fact]
    public void A_worker_that_has_closed_the_job_by_itself_loses_its_shards_and_is_asked_to_open_it_again()
    {
        var run = new MachineRun().Begin().Give(new RunInput.WorkerReleased("cpu:1"));
        Assert.Equal([2, 3], run.Those<RunEffect.SendStep>().SelectMany(step => step.Shards).Order());
        Assert.All(run.Those<RunEffect.SendStep>(), step => Assert.Equal("cpu:0", step.Worker));
        Assert.Equal("cpu:1", Assert.Single(run.Those<RunEffect.AskReady>()).Worker);
        Assert.Empty(run.Give(new RunInput.WorkerReleased("cpu:9")).Effects); // One that was let go before.
    }

    [Fact]
    public void The_wait_for_a_worker_ends_and_says_how_long_it_was() =>
        Assert.Equal(
            "no worker is left, and none came in 600 s. worker cpu:0: killed",
            new MachineRun(workers: 1, deadlines: Deadlines.OfCluster).Begin().Give(Lost("cpu:0")).After(TimeSpan.FromMinutes(10)).Ended!.Reason);

    [Fact]
    public void A_worker_that_is_lost_before_it_has_opened_the_job_may_come_again_but_a_refusal_is_final()
    {
        var run = new MachineRun(workers: 1, deadlines: Deadlines.OfCluster).Give(new RunInput.Began()).Give(Lost("cpu:0"));
        Assert.Null(run.Ended);
        run.Give(new RunInput.WorkerCame("cpu:0")).Ready("cpu:0");
        Assert.Equal(RunPhase.Initialising, run.Phase);
        var refused = new MachineRun(workers: 1, deadlines: Deadlines.OfCluster).Give(new RunInput.Began()).Give(new RunInput.WorkerRefused("cpu:0", "no memory", IsBadInput: false));
        Assert.Equal("no memory", refused.Ended!.Reason);
    }

    [Fact]
    public void A_worker_that_comes_when_the_last_step_is_made_and_nobody_is_left_exports()
    {
        var run = new MachineRun(steps: 1, deadlines: Deadlines.OfCluster).Begin().Step(0);
        Assert.Equal(RunPhase.Exporting, run.Phase);
        run.Give(new RunInput.WorkerCame("cpu:7"));
        Assert.Empty(run.Those<RunEffect.AskReady>()); // Others are there, and nothing is left to compare it by.
        run.Give(Lost("cpu:0")).Give(Lost("cpu:1")).Give(new RunInput.WorkerCame("cpu:7")).Ready("cpu:7");
        Assert.Equal("cpu:7", Assert.Single(run.Those<RunEffect.AskExport>()).Worker);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_joiner_computes_one_leaf_beside_its_owner_and_has_work_only_if_it_gets_the_same_bits(bool same)
    {
        var run = new MachineRun(workers: 1).Begin().Give(new RunInput.WorkerCame("cpu:1")).Ready("cpu:1");
        Assert.Empty(run.Those<RunEffect.SendStep>());
        run.Done("cpu:0", 0, 0, 1, 2, 3).Commit(0);
        Assert.Equal(["cpu:0: 0 1 2 3", "cpu:1: 0"], run.Those<RunEffect.SendStep>().Select(step => $"{step.Worker}: {string.Join(" ", step.Shards)}"));
        run.Leaf("cpu:1", 1, 0, hash: same ? null : 5).Done("cpu:0", 1, 0, 1, 2, 3);
        Assert.Equal(same ? [] : ["worker cpu:1: refused: it computed micro-batch 0 of step 1 to other bits than its owner"], run.Warnings);
        run.Give(new RunInput.RecordKept(0)).Commit(1);
        Assert.Equal(same ? ["cpu:0", "cpu:1"] : ["cpu:0"], run.Those<RunEffect.SendStep>().Select(step => step.Worker));
    }

    [Fact]
    public void A_joiners_vector_is_never_added_before_it_is_proven()
    {
        var run = new MachineRun(workers: 1).Begin().Give(new RunInput.WorkerCame("cpu:1")).Ready("cpu:1").Done("cpu:0", 0, 0, 1, 2, 3).Commit(0);
        run.Node("cpu:1", 1, 0);
        Assert.Empty(run.Those<RunEffect.AddNode>());
    }

    [Fact]
    public void Held_out_rows_are_measured_in_fixed_batches_whoever_is_free_takes_the_next()
    {
        var run = new MachineRun(measures: true).Begin();
        Assert.Equal(RunPhase.MeasuringBase, run.Phase);
        run.Give(Batch("cpu:1", 1, [4, 5, 6, 7]));
        var next = Assert.Single(run.Those<RunEffect.SendBatch>());
        Assert.Equal(("cpu:1", 2), (next.Worker, next.Batch));
        Assert.Equal([8, 9], next.Rows);
        run.Give(new RunInput.WorkerLost("cpu:0", "killed"));
        Assert.Empty(run.Those<RunEffect.SendBatch>()); // The other one is not done.
        run.Give(Batch("cpu:1", 2, [8, 9]));
        Assert.Equal([0, 1, 2, 3], run.Those<RunEffect.SendBatch>().Single().Rows);
        run.Give(Batch("cpu:1", 0, [0, 1, 2, 3]));
        var done = run.Events.OfType<EvaluationDone>().Single();
        Assert.Equal(new EvaluationMetrics(0.5, 0.5, 12, 10), done.Metrics);
        Assert.Equal(RunPhase.Computing, run.Phase);
    }

    private static RunInput.WorkerLost Lost(string worker) => new(worker, "killed");

    private static RunInput.BatchCame Batch(string worker, int batch, int[] rows) => new(
        worker, 0, batch, [.. rows.Select(row => new Steps.Seam.RowEvaluation(row, 2, 4, row % 2 == 0, 12))], 100);
}
