namespace PeftCluster.Cluster.Placement;

/// <summary>
/// Which worker computes which shards: one run of neighbours each, so that a worker holds few complete subtrees and sends
/// few vectors. The runs are equally long while speeds are alike; else they follow speed. Where a leaf is computed never
/// changes its bits.
/// </summary>
public static class ShardPlacement
{
    /// <summary>Speeds that differ by less than this factor count as equal: they wander by as much from step to step.</summary>
    public const double AlikeFactor = 1.5;

    /// <summary>First shard and one past the last, for each worker; empty where there are more workers than shards.</summary>
    /// <param name="shards">The job's micro_batches.</param>
    /// <param name="millisecondsPerLeaf">Each worker's measured time, null where nothing is measured: then it counts as the median one.</param>
    public static IReadOnlyList<(int First, int End)> Of(int shards, IReadOnlyList<double?> millisecondsPerLeaf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsPerLeaf.Count, 1);
        int[] counts = Alike(millisecondsPerLeaf) ? Equal(shards, millisecondsPerLeaf.Count) : BySpeed(shards, millisecondsPerLeaf);
        var runs = new (int, int)[counts.Length];
        var first = 0;
        for (var worker = 0; worker < counts.Length; worker++)
        {
            runs[worker] = (first, first + counts[worker]);
            first += counts[worker];
        }
        return runs;
    }

    private static bool Alike(IReadOnlyList<double?> times)
    {
        double[] known = [.. times.OfType<double>()];
        return known.Length < 2 || known.Max() <= AlikeFactor * known.Min();
    }

    private static int[] Equal(int shards, int workers) =>
        [.. Enumerable.Range(0, workers).Select(worker => (int)((long)shards * (worker + 1) / workers - (long)shards * worker / workers))];

    /// <summary>
    /// Shard after shard to the worker that would be done with it first: the shortest step for these times. Everybody gets one
    /// where there are enough, since a worker without work is never measured again.
    /// </summary>
    private static int[] BySpeed(int shards, IReadOnlyList<double?> times)
    {
        double[] known = [.. times.OfType<double>().Order()];
        var typical = known[known.Length / 2];
        double[] each = [.. times.Select(time => Math.Max(time ?? typical, 1e-3))];
        var counts = new int[each.Length];
        if (shards >= each.Length)
            Array.Fill(counts, 1);
        for (var shard = counts.Sum(); shard < shards; shard++)
        {
            var best = 0;
            for (var worker = 1; worker < each.Length; worker++)
                if ((counts[worker] + 1) * each[worker] < (counts[best] + 1) * each[best])
                    best = worker;
            counts[best]++;
        }
        return counts;
    }
}
