using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Coordinator;

/// <summary>Leaves that a second worker computes too, and what follows when two disagree.</summary>
public sealed class StepMachineAuditTests
{
    [Fact]
    public void A_drawn_leaf_comes_by_itself_is_computed_by_somebody_else_too_and_the_commit_waits_for_it()
    {
        var run = new MachineRun(auditFraction: 1).Begin();
        Assert.Equal(["cpu:0: 0", "cpu:0: 1", "cpu:1: 2", "cpu:1: 3"], Sent(run));
        run.Leaf("cpu:0", 0, 0);
        Assert.Equal(["cpu:1: 0 again"], Sent(run));
        run.Node("cpu:0", 0, 0).Done("cpu:0", 0, 1).Done("cpu:1", 0, 2, 3);
        Assert.Equal(RunPhase.Computing, run.Phase);
        run.Leaf("cpu:1", 0, 0).Leaf("cpu:1", 0, 1).Leaf("cpu:0", 0, 2);
        Assert.Equal(RunPhase.Computing, run.Phase);
        run.Leaf("cpu:0", 0, 3);
        Assert.Equal(RunPhase.Checking, run.Phase);
    }

    [Fact]
    public void With_three_workers_a_third_decides_and_the_liar_gets_no_more_work()
    {
        var run = new MachineRun(workers: 3, shards: 3, auditFraction: 1).Begin();
        run.Done("cpu:0", 0, 0).Leaf("cpu:1", 0, 1, hash: 66).Leaf("cpu:0", 0, 1);
        Assert.Equal(["cpu:2: 1 again"], Sent(run)); // Two disagree.
        run.Leaf("cpu:2", 0, 1);
        Assert.Equal(["worker cpu:1 is quarantined: it computed micro-batch 1 of step 0 to other bits than cpu:0 and cpu:2. It gets no more work in this attempt; check its memory"], run.Warnings);
        Assert.Equal("cpu:1", Assert.Single(run.Those<RunEffect.AskRelease>()).Worker);
        Assert.Equal(new RunEffect.ResetSum(0), Assert.Single(run.Those<RunEffect.ResetSum>()));
        Assert.Equal([0, 1, 2], run.Those<RunEffect.SendStep>().SelectMany(step => step.Shards).Order());
        Assert.DoesNotContain(run.Those<RunEffect.SendStep>(), step => step.Worker == "cpu:1");
        Assert.Empty(run.Give(new RunInput.WorkerCame("cpu:1")).Effects);
        Assert.Empty(run.Leaf("cpu:1", 0, 1).Effects);
    }

    [Fact]
    public void The_one_who_judges_wrongly_is_found_as_well()
    {
        var run = new MachineRun(workers: 3, auditFraction: 1).Begin().Leaf("cpu:0", 0, 0).Leaf("cpu:1", 0, 0, hash: 66);
        run.Leaf("cpu:2", 0, 0);
        Assert.StartsWith("worker cpu:1 is quarantined: it computed micro-batch 0 of step 0 to other bits than cpu:0 and cpu:2.", Assert.Single(run.Warnings));
    }

    [Fact]
    public void What_was_added_before_a_liar_was_found_counts_no_more()
    {
        var run = new MachineRun(workers: 3, shards: 3, auditFraction: 1).Begin().Done("cpu:0", 0, 0).Leaf("cpu:1", 0, 1, hash: 66).Leaf("cpu:0", 0, 1).Leaf("cpu:2", 0, 1);
        var owner = run.Those<RunEffect.SendStep>().Single(step => step.Shards[0] == 0).Worker;
        run.Give(new RunInput.NodeAdded("cpu:0", 0, TreeNode.Leaf(0))); // To the sum that was emptied.
        run.Give(new RunInput.NodeCame(owner, 0, TreeNode.Leaf(0), [MachineRun.HashOf(0)]));
        Assert.Equal(1, Assert.Single(run.Those<RunEffect.AddNode>()).Sum);
        // An old word of a vector that is taken already makes nobody a liar.
        Assert.Empty(run.Give(new RunInput.NodeSpoilt(owner, 0, TreeNode.Leaf(0), "taken before", Sum: 1, IsGone: true)).Effects);
        Assert.Empty(run.Give(new RunInput.NodeSpoilt(owner, 0, TreeNode.Leaf(0), "of the emptied sum")).Effects);
    }

    [Fact]
    public void With_two_workers_nobody_can_decide_and_both_are_named()
    {
        var run = new MachineRun(auditFraction: 1).Begin().Leaf("cpu:0", 0, 0).Leaf("cpu:1", 0, 0, hash: 66);
        run.Give(new RunInput.WorkerReleased("cpu:0")).Give(new RunInput.WorkerReleased("cpu:1"));
        Assert.Equal(EndReason.HardwareDisagreement, run.Ended!.End);
        Assert.StartsWith("hardware_disagreement at step 0: cpu:0 and cpu:1 computed micro-batch 0 to different bits", run.Ended.Reason);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(66)]
    public void Alone_a_worker_computes_a_drawn_leaf_twice(int? second)
    {
        var run = new MachineRun(workers: 1, shards: 1, auditFraction: 1).Begin().Done("cpu:0", 0, 0);
        Assert.Equal(RunPhase.Computing, run.Phase);
        run.Leaf("cpu:0", 0, 0, hash: second is { } other ? (UInt128)other : null);
        Assert.Equal(second is null ? RunPhase.Checking : RunPhase.Releasing, run.Phase);
        if (second is not null)
            Assert.StartsWith("hardware_disagreement at step 0: cpu:0 computed micro-batch 0 twice, to different bits", run.Give(new RunInput.WorkerReleased("cpu:0")).Ended!.Reason);
    }

    [Fact]
    public void A_leaf_that_one_of_three_finds_not_finite_costs_that_one_its_place()
    {
        var run = new MachineRun(workers: 3, shards: 3).Begin().Leaf("cpu:1", 0, 1, finite: false, hash: 66);
        Assert.Equal(["cpu:0: 1 again"], Sent(run));
        run.Leaf("cpu:0", 0, 1);
        Assert.Equal(["cpu:2: 1 again"], Sent(run));
        Assert.StartsWith("worker cpu:1 is quarantined", Assert.Single(run.Leaf("cpu:2", 0, 1).Warnings));
    }

    [Fact]
    public void A_judge_that_goes_is_replaced()
    {
        var run = new MachineRun(workers: 3, auditFraction: 1).Begin().Done("cpu:0", 0, 0);
        var judge = "cpu:1";
        run.Give(new RunInput.WorkerLost(judge, "killed"));
        Assert.Contains("cpu:2: 0 again", Sent(run));
    }

    [Fact]
    public void A_slow_worker_is_named_once()
    {
        var run = new MachineRun(steps: 3).Begin();
        for (var step = 0; step < 2; step++)
        {
            run.Done("cpu:0", step, 0, 1).After(TimeSpan.FromSeconds(1)).Done("cpu:0", step, 2).After(TimeSpan.FromSeconds(1));
            run.Done("cpu:0", step, 3).Commit(step).Give(new RunInput.RecordKept(step));
        }
        Assert.Equal("worker cpu:1 is slow: nothing of it for 1.0 s, where the others' times allow 0.6 s; its open shards are computed elsewhere too", Assert.Single(run.Warnings));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(0.25, 0.25)]
    public void So_many_are_drawn_and_always_the_same(double fraction, double share)
    {
        var drawn = Enumerable.Range(0, 500).SelectMany(step => Enumerable.Range(0, 8).Where(shard => AuditDraw.IsDrawn(7, fraction, step, shard))).Count();
        Assert.InRange(drawn / 4000.0, share - 0.03, share + 0.03);
        Assert.Equal(AuditDraw.IsDrawn(7, fraction, 3, 2), AuditDraw.IsDrawn(7, fraction, 3, 2));
    }

    private static IEnumerable<string> Sent(MachineRun run) =>
        run.Those<RunEffect.SendStep>().Select(step => $"{step.Worker}: {string.Join(" ", step.Shards)}{(step.Again ? " again" : "")}");
}
