using PeftCluster.Steps.Plan;

namespace PeftCluster.Data.Prepared;

/// <summary>The rows of each data shard: examples are dealt (<see cref="ShardAssignment"/>), and each takes all of its rows with it.</summary>
internal static class DealtRows
{
    /// <param name="rows">Rows of the set.</param>
    /// <param name="variants">How many neighbouring rows are one example.</param>
    /// <param name="shards">Shards.</param>
    /// <param name="seed">Deals the examples.</param>
    public static IReadOnlyList<int[]> Of(int rows, int variants, int shards, long seed)
    {
        var examples = ShardAssignment.Of(rows / variants, shards, seed);
        return variants == 1 ? examples : [.. examples.Select(shard => shard.SelectMany(example => Enumerable.Range(example * variants, variants)).ToArray())];
    }
}
