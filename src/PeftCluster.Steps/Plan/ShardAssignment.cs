using PeftCluster.Steps.Randomness;

namespace PeftCluster.Steps.Plan;

/// <summary>
/// Which rows belong to which data shard: the rows (of data in several wordings the examples) are shuffled once and dealt round, so that shards differ by at most one
/// row. The number of shards is the job's, never the cluster's.
/// </summary>
public static class ShardAssignment
{
    /// <summary>The rows of each shard, ascending. A shard has no row where there are fewer rows than shards.</summary>
    /// <param name="rows">Rows of the prepared data.</param>
    /// <param name="shards">The job's micro_batches.</param>
    /// <param name="seed">The job's seed.</param>
    public static IReadOnlyList<int[]> Of(int rows, int shards, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        int[] shuffled = [.. Enumerable.Range(0, rows)];
        new PhiloxStream(seed, PhiloxPurpose.Shards).Shuffle(shuffled);
        var assignment = new int[shards][];
        for (var shard = 0; shard < shards; shard++)
        {
            assignment[shard] = [.. shuffled.Where((_, dealt) => dealt % shards == shard)];
            Array.Sort(assignment[shard]);
        }
        return assignment;
    }
}
