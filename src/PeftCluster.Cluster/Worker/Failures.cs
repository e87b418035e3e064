using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Worker;

/// <summary>What a worker says to its run of an item that could not be done.</summary>
internal static class Failures
{
    public static IEnumerable<IRunMessage> Of(WorkItem item, WorkOutcome.Broken broken) => item switch
    {
        WorkItem.Open => [new AssignRefused(item.Key.Job, item.Key.Attempt, item.Step, broken.Cause, broken.IsBadInput)],
        WorkItem.VersionZero => [Failed(item, WorkerTask.Initialise, 0, broken)],
        WorkItem.Leaf leaf => [Failed(item, WorkerTask.Leaf, leaf.Shard, broken)],
        // The leaves are well, their sum did not get through: to the run that is as if they had not been computed.
        WorkItem.Sum sum => DueSums.Leaves(sum).Select(shard => Failed(item, WorkerTask.Leaf, shard, broken)),
        WorkItem.Batch batch => [Failed(item, WorkerTask.Evaluate, batch.Work.Batch, broken)],
        WorkItem.Files => [Failed(item, WorkerTask.Export, 0, broken)],
        _ => [],
    };

    private static Failed Failed(WorkItem item, WorkerTask task, int number, WorkOutcome.Broken broken) =>
        new(item.Key.Job, item.Key.Attempt, item.Step, task, number, broken.Cause);
}
