using System.Collections.Immutable;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Worker;

/// <summary>Which subtrees a worker sends: the fewest that have exactly the leaves that it was given.</summary>
internal static class DueSums
{
    /// <summary>The fewest sums over some leaves of a step.</summary>
    public static IEnumerable<WorkItem.Sum> Covering(AssignmentKey key, int step, int shards, IEnumerable<int> leaves) =>
        new ReductionTree(shards).Cover(leaves).Select(node => new WorkItem.Sum(key, step, shards, node));

    /// <summary>The leaves under a sum, ascending.</summary>
    public static IEnumerable<int> Leaves(WorkItem.Sum sum)
    {
        var (first, end) = new ReductionTree(sum.Shards).Leaves(sum.Node);
        return Enumerable.Range(first, end - first);
    }

    /// <summary>What is due without a leaf that cannot be computed: the rest under its node goes in smaller ones.</summary>
    public static ImmutableList<WorkItem.Sum> Without(ImmutableList<WorkItem.Sum> due, WorkItem.Leaf failed)
    {
        foreach (var sum in due.Where(sum => Leaves(sum).Contains(failed.Shard)).ToArray())
        {
            due = due.Remove(sum);
            due = due.AddRange(Covering(sum.Key, sum.Step, sum.Shards, Leaves(sum).Where(shard => shard != failed.Shard)).Except(due));
        }
        return due;
    }
}
