using PeftCluster.Cluster.Wire;
using PeftCluster.Cluster.Worker;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Worker;

public sealed class WorkerMachineTests
{
    private static readonly AssignmentKey _key = new("job", 1);
    private WorkerMachine _machine = WorkerMachine.Empty;
    private IReadOnlyList<WorkerEffect> _effects = [];

    [Fact]
    public void Leaves_are_computed_one_after_another_and_sent_as_the_fewest_subtrees()
    {
        Open();
        Say(Step(0, 0, 1, 2));
        Assert.Equal(0, Started<WorkItem.Leaf>().Shard);
        EndLeaf(0, 0);
        Assert.Equal(0, Answers<LeafDone>().Single().Shard);
        Assert.Equal(1, Started<WorkItem.Leaf>().Shard);
        EndLeaf(0, 1);
        Assert.Equal(new TreeNode(1, 0), Started<WorkItem.Sum>().Node); // Before the leaf that waits.
        EndSum();
        Assert.Equal(2, Started<WorkItem.Leaf>().Shard);
        EndLeaf(0, 2);
        Assert.Equal(TreeNode.Leaf(2), Started<WorkItem.Sum>().Node);
    }

    [Fact]
    public void A_new_step_stops_the_old_ones_leaf_and_drops_what_waited()
    {
        Open();
        Say(Step(0, 0, 1));
        Say(Step(1, 0));
        Assert.IsType<WorkerEffect.Stop>(Assert.Single(_effects));
        End(_machine.InHand!, new WorkOutcome.Dropped());
        var next = Started<WorkItem.Leaf>();
        Assert.Equal((1, 0), (next.Step, next.Shard));
        Assert.Empty(_machine.Line);
    }

    [Fact]
    public void What_is_asked_twice_is_done_once_and_answered_again_when_it_is_done()
    {
        Open();
        Say(Step(0, 0, 1));
        Say(Step(0, 0, 1));
        Assert.Single(_machine.Line);
        EndLeaf(0, 0);
        EndLeaf(0, 1);
        EndSum();
        Say(Step(0, 0, 1));
        Assert.Equal([0, 1], Answers<LeafDone>().Select(done => done.Shard));
        Assert.Equal(new TreeNode(1, 0), Started<WorkItem.Sum>().Node);
    }

    [Fact]
    public void A_doubted_leaf_is_computed_again()
    {
        Open();
        Say(Step(0, 0));
        EndLeaf(0, 0);
        EndSum();
        Say(Step(0, 0) with { Again = true });
        Assert.Equal(0, Started<WorkItem.Leaf>().Shard);
    }

    [Fact]
    public void A_leaf_that_fails_is_told_and_the_rest_goes_in_smaller_subtrees()
    {
        Open();
        Say(Step(0, 0, 1));
        End(_machine.InHand!, new WorkOutcome.Broken("out of memory"));
        Assert.Equal((WorkerTask.Leaf, 0, "out of memory"), Answers<Failed>().Select(failed => (failed.Task, failed.Number, failed.Cause)).Single());
        EndLeaf(0, 1);
        Assert.Equal(TreeNode.Leaf(1), Started<WorkItem.Sum>().Node);
    }

    [Fact]
    public void Steps_of_the_past_and_of_another_attempt_are_dropped()
    {
        Open();
        Say(Step(3));
        Say(Step(2, 0));
        Assert.Empty(_effects);
        Say(Step(4, 0) with { Attempt = 2 });
        Assert.Empty(_effects);
        Assert.Equal(3, _machine.Assignments[_key].Step);
    }

    [Fact]
    public void A_new_attempt_of_a_job_ends_the_one_before_it_also_when_nobody_says_so()
    {
        Open();
        Say(Step(0, 0, 1));
        Say(new Assign("job", 2, 0, "yaml", DataReference.Own("data"), ""));
        Assert.IsType<WorkerEffect.Stop>(Assert.Single(_effects));
        Say(new Release("job", 1, 0));
        Assert.Empty(_effects);
        End(_machine.InHand!, Done(0, 0)); // The native call went on to its end.
        Assert.Empty(Answers<LeafDone>());
        Assert.Equal(1, Started<WorkItem.Close>().Key.Attempt);
        End(_machine.InHand!, new WorkOutcome.Done(null));
        Assert.Equal(1, Answers<Released>().Single().Attempt);
        Assert.Equal(2, Started<WorkItem.Open>().Key.Attempt);
        End(_machine.InHand!, new WorkOutcome.Done(Ready(2)));
        Assert.Equal(2, Answers<Ready>().Single().Attempt);
        Assert.Equal([2], _machine.Assignments.Keys.Select(key => key.Attempt));
    }

    [Fact]
    public void A_job_that_cannot_be_opened_is_refused_and_forgotten()
    {
        Say(new Assign("job", 1, 0, "yaml", DataReference.Own("data"), ""));
        End(_machine.InHand!, new WorkOutcome.Broken("no such folder", IsBadInput: true));
        Assert.Equal(new AssignRefused("job", 1, 0, "no such folder", true), Answers<AssignRefused>().Single());
        Assert.Empty(_machine.Assignments);
    }

    [Fact]
    public void The_source_is_closed_when_the_run_is_gone_without_a_word()
    {
        Open();
        Say(Step(0, 0));
        Take(new WorkerInput.RunLost(_key));
        End(_machine.InHand!, new WorkOutcome.Dropped());
        Started<WorkItem.Close>();
    }

    [Fact]
    public void A_new_measurement_ends_the_old_one()
    {
        Open();
        Say(new Evaluate("job", 1, 0, 0, 0, [0], 0, false));
        Say(new Evaluate("job", 1, 0, 0, 1, [1], 0, false));
        Say(new Evaluate("job", 1, 0, 1, 0, [0], 1, false));
        Assert.IsType<WorkerEffect.Stop>(Assert.Single(_effects));
        Assert.Equal(1, Assert.IsType<WorkItem.Batch>(Assert.Single(_machine.Line)).Work.Measurement);
    }

    private void Open()
    {
        Say(new Assign("job", 1, 0, "yaml", DataReference.Own("data"), ""));
        End(_machine.InHand!, new WorkOutcome.Done(Ready(1)));
        Assert.Single(Answers<Ready>());
    }

    private static Ready Ready(int attempt) => new("job", attempt, 0, "class", new WireDescription([], "hash", 0, 0, "", ""));

    private static StepWork Step(int step, params int[] shards) =>
        new("job", 1, step, 4, [.. shards.Select(shard => new MicroBatch(shard, [shard], 16, 5, 10))], 20, false);

    private static WorkOutcome.Done Done(int step, int shard) => new(new LeafDone("job", 1, step, shard, (UInt128)shard, true, new LeafResult(1, 5, 10), 3));

    private void EndLeaf(int step, int shard) => End(_machine.InHand!, Done(step, shard));

    private void EndSum() => End(_machine.InHand!, new WorkOutcome.Done(new NodeSum("job", 1, 0, ((WorkItem.Sum)_machine.InHand!).Node, [])));

    private void Say(IRunMessage message) => Take(new WorkerInput.Said(message));

    private void End(WorkItem item, WorkOutcome outcome) => Take(new WorkerInput.Ended(item, outcome));

    private void Take(WorkerInput input) => (_machine, _effects) = _machine.Decide(input);

    private T Started<T>() where T : WorkItem => Assert.IsType<T>(_effects.OfType<WorkerEffect.Start>().Single().Item);

    private IEnumerable<T> Answers<T>() where T : IRunMessage => _effects.OfType<WorkerEffect.Answer>().Select(answer => answer.Message).OfType<T>();
}
