using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Coordinator;

public sealed class StepMachineTests
{
    [Fact]
    public void A_step_is_dealt_in_runs_of_neighbours_and_committed_when_every_leaf_is_in()
    {
        var run = new MachineRun().Begin();
        Assert.Equal(["cpu:0: 0 1", "cpu:1: 2 3"], run.Those<RunEffect.SendStep>().Select(step => $"{step.Worker}: {string.Join(" ", step.Shards)}"));
        run.Done("cpu:0", 0, 0, 1).Done("cpu:1", 0, 2);
        Assert.Equal(RunPhase.Computing, run.Phase);
        run.Done("cpu:1", 0, 3);
        Assert.Equal(new RunEffect.Check(0), Assert.Single(run.Effects));
        run.Give(new RunInput.Checked(0, 1.5));
        Assert.Equal(new RunEffect.Update(0, 1.5), Assert.Single(run.Effects));
        run.Give(new RunInput.Updated(0, 0.01));
        Assert.Equal(1, run.Version);
        Assert.Equal(2, run.Those<RunEffect.SendStep>().Count(step => step.Plan.Step == 1));
    }

    [Fact]
    public void Version_two_is_not_announced_before_the_record_of_step_zero_is_durable()
    {
        var run = new MachineRun().Begin().Done("cpu:0", 0, 0, 1).Done("cpu:1", 0, 2, 3).Commit(0);
        run.Done("cpu:0", 1, 0, 1).Done("cpu:1", 1, 2, 3).Commit(1);
        Assert.Equal((RunPhase.Holding, 2), (run.Phase, run.Version));
        Assert.Empty(run.Those<RunEffect.SendStep>());
        run.Give(new RunInput.RecordKept(0));
        Assert.Equal(RunPhase.Computing, run.Phase);
        Assert.All(run.Those<RunEffect.SendStep>(), step => Assert.Equal(2, step.Plan.Step));
    }

    [Fact]
    public void The_first_step_waits_for_the_snapshot_of_version_zero()
    {
        var run = new MachineRun(workers: 1);
        run.Give(new RunInput.Began()).Ready("cpu:0").Give(new RunInput.VersionZeroCame("cpu:0"));
        Assert.Equal(RunPhase.Holding, run.Phase);
        run.Give(new RunInput.SnapshotKept(0, "snapshot"));
        Assert.Equal(RunPhase.Computing, run.Phase);
    }

    [Fact]
    public void Open_shards_of_a_lost_worker_go_elsewhere_at_once_and_finished_ones_stay()
    {
        var run = new MachineRun().Begin().Done("cpu:1", 0, 2).Give(new RunInput.WorkerLost("cpu:1", "killed"));
        var moved = Assert.Single(run.Those<RunEffect.SendStep>());
        Assert.Equal(("cpu:0", 3), (moved.Worker, Assert.Single(moved.Shards)));
        Assert.Equal(["worker cpu:1 is gone: killed"], run.Warnings);
    }

    [Fact]
    public void A_leaf_that_was_reported_but_whose_vector_is_not_in_is_lost_with_its_worker()
    {
        var run = new MachineRun().Begin().Leaf("cpu:1", 0, 2).Give(new RunInput.WorkerLost("cpu:1", "killed"));
        Assert.Equal([2, 3], run.Those<RunEffect.SendStep>().SelectMany(step => step.Shards));
    }

    [Fact]
    public void Without_a_worker_the_run_fails_and_says_why()
    {
        var run = new MachineRun(workers: 1).Begin().Give(new RunInput.WorkerLost("cpu:0", "killed"));
        Assert.Equal((EndReason.WorkersFailed, "no worker is left. worker cpu:0: killed"), (run.Ended!.End, run.Ended.Reason));
    }

    [Fact]
    public void A_second_copy_with_another_hash_ends_the_job_with_both_workers_named()
    {
        var run = new MachineRun().Begin().Done("cpu:0", 0, 0, 1).Give(new RunInput.WorkerLost("cpu:1", "killed"));
        run.Give(new RunInput.WorkerCame("cpu:1")).Ready("cpu:1");
        run.Give(new RunInput.NodeCame("cpu:0", 0, TreeNode.Leaf(0), [7]));
        Release(run);
        Assert.Equal(EndReason.HardwareDisagreement, run.Ended!.End);
        Assert.StartsWith("hardware_disagreement at step 0: cpu:0 computed micro-batch 0 twice, to different bits", run.Ended.Reason);

        var late = new MachineRun(deadlines: new Deadlines { Floor = TimeSpan.FromMilliseconds(10) }).Begin().Done("cpu:0", 0, 0, 1);
        late.After(TimeSpan.FromSeconds(1)).Leaf("cpu:0", 0, 2).Leaf("cpu:1", 0, 2, hash: 9);
        Release(late);
        Assert.StartsWith("hardware_disagreement at step 0: cpu:0 and cpu:1 computed micro-batch 2 to different bits", late.Ended!.Reason);
    }

    [Fact]
    public void A_leaf_that_is_not_finite_on_two_workers_alike_is_divergence_with_step_and_rows()
    {
        var run = new MachineRun().Begin().Leaf("cpu:1", 0, 2, finite: false);
        var judge = Assert.Single(run.Those<RunEffect.SendStep>());
        Assert.Equal(("cpu:0", true), (judge.Worker, judge.Again));
        Assert.Equal([2], judge.Shards);
        run.Node("cpu:1", 0, 2).Done("cpu:1", 0, 3).Done("cpu:0", 0, 0, 1);
        Assert.Equal(RunPhase.Computing, run.Phase);
        run.Leaf("cpu:0", 0, 2, finite: false);
        Release(run);
        var rows = string.Join(", ", judge.Plan.MicroBatches[2].Rows);
        Assert.Equal(
            (EndReason.Diverged, $"diverged at step 0: loss or gradient not finite, on two workers alike (cpu:1, cpu:0); samples {rows}. Lower the learning rate or look at those rows"),
            (run.Ended!.End, run.Ended.Reason));
    }

    [Fact]
    public void A_leaf_that_only_one_of_two_finds_not_finite_is_a_disagreement()
    {
        var run = new MachineRun().Begin().Leaf("cpu:1", 0, 2, finite: false).Leaf("cpu:0", 0, 2, hash: 5);
        Release(run);
        Assert.Equal(EndReason.HardwareDisagreement, run.Ended!.End);
    }

    [Fact]
    public void Alone_a_worker_judges_itself_and_the_reason_says_so()
    {
        var run = new MachineRun(workers: 1).Begin().Leaf("cpu:0", 0, 2, finite: false);
        Assert.Equal("cpu:0", Assert.Single(run.Those<RunEffect.SendStep>()).Worker);
        run.Leaf("cpu:0", 0, 2, finite: false);
        Release(run);
        Assert.Contains("computed twice by cpu:0", run.Ended!.Reason);
    }

    [Fact]
    public void A_sum_that_is_not_finite_is_divergence()
    {
        var run = new MachineRun(workers: 1).Begin().Done("cpu:0", 0, 0, 1, 2, 3).Give(new RunInput.Checked(0, double.PositiveInfinity));
        Release(run);
        Assert.Equal(EndReason.Diverged, run.Ended!.End);
    }

    [Fact]
    public void What_no_worker_can_compute_ends_the_job_with_its_cause()
    {
        var run = new MachineRun().Begin().Give(new RunInput.WorkerFailed("cpu:1", 0, WorkerTask.Leaf, 2, "out of memory"));
        Assert.Equal("cpu:0", Assert.Single(run.Those<RunEffect.SendStep>()).Worker);
        run.Give(new RunInput.WorkerFailed("cpu:0", 0, WorkerTask.Leaf, 2, "out of memory too"));
        Release(run);
        Assert.Equal((EndReason.WorkersFailed, "step 0, micro-batch 2 on cpu:0: out of memory too"), (run.Ended!.End, run.Ended.Reason));
    }

    [Fact]
    public void Nodes_and_leaves_of_another_step_mean_nothing()
    {
        var run = new MachineRun().Begin().Leaf("cpu:0", 1, 0).Give(new RunInput.NodeCame("cpu:0", 3, TreeNode.Leaf(0), [1]));
        Assert.Empty(run.Effects);
        Assert.Empty(run.Leaf("cpu:0", 0, 3).Effects); // Not its shard.
        Assert.Equal(RunPhase.Computing, run.Phase);
    }

    [Fact]
    public void Cancel_ends_at_once_and_names_a_worker_that_hangs()
    {
        var run = new MachineRun().Begin().Give(new RunInput.CancelAsked());
        Assert.Equal(["cpu:0", "cpu:1"], run.Those<RunEffect.AskRelease>().Select(ask => ask.Worker));
        run.Give(new RunInput.WorkerReleased("cpu:0")).After(TimeSpan.FromSeconds(4));
        Assert.Null(run.Ended);
        run.After(TimeSpan.FromSeconds(1));
        Assert.Equal((EndReason.WorkerAbandoned, "cancelled (worker abandoned: cpu:1)"), (run.Ended!.End, run.Ended.Reason));
    }

    [Fact]
    public void Pause_finishes_the_step_in_hand_and_waits_for_snapshot_and_record()
    {
        var run = new MachineRun().Begin().Give(new RunInput.PauseAsked());
        Assert.Equal(RunPhase.Computing, run.Phase);
        run.Done("cpu:0", 0, 0, 1).Done("cpu:1", 0, 2, 3).Commit(0);
        Assert.Equal(RunPhase.Saving, run.Phase);
        Assert.Equal(new RunEffect.KeepSnapshot(1), Assert.Single(run.Those<RunEffect.KeepSnapshot>()));
        run.Give(new RunInput.SnapshotKept(1, "snapshot"));
        Assert.Equal(RunPhase.Saving, run.Phase);
        run.Give(new RunInput.RecordKept(0));
        Release(run);
        Assert.Equal((JobPhase.Paused, null, "paused after step 0", 1), (run.Ended!.Phase, run.Ended.End, run.Ended.Reason, run.Ended.Steps));
    }

    [Fact]
    public void What_a_disk_says_ends_the_run()
    {
        var run = new MachineRun().Begin().Give(new RunInput.Broke(EndReason.StorageFailed, "no space left"));
        Release(run);
        Assert.Equal((EndReason.StorageFailed, "no space left"), (run.Ended!.End, run.Ended.Reason));
    }

    private static void Release(MachineRun run) => run.Give(new RunInput.WorkerReleased("cpu:0")).Give(new RunInput.WorkerReleased("cpu:1"));
}
