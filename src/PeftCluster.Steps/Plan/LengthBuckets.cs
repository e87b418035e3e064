namespace PeftCluster.Steps.Plan;

/// <summary>
/// The padded lengths of a job: few, so that few shapes occur, and chosen so that all rows together are padded with the fewest tokens. Exact, by dynamic
/// programming over the lengths that occur, each rounded up to a multiple of 16; where these are very many, neighbours are joined first.
/// </summary>
internal static class LengthBuckets
{
    /// <summary>The most padded lengths of a job.</summary>
    public const int Most = 8;

    // Of 131,072 tokens there are 8,192 multiples; the search goes with their square.
    private const int MostCandidates = 512;

    /// <summary>The padded lengths, ascending; the last holds the longest row.</summary>
    public static int[] Of(IRowIndex rows)
    {
        var counts = new SortedDictionary<int, long>();
        for (var row = 0; row < rows.Count; row++)
        {
            var length = PaddedLength.Of(rows.Length(row));
            counts[length] = counts.GetValueOrDefault(length) + 1;
        }
        return Cheapest(Joined([.. counts.Select(count => (count.Key, count.Value))]));
    }

    // Neighbours with about as many rows each.
    private static List<(int Length, long Rows)> Joined(List<(int Length, long Rows)> lengths)
    {
        if (lengths.Count <= MostCandidates)
            return lengths;
        var joined = new List<(int Length, long Rows)>();
        var (all, before, open) = (lengths.Sum(length => length.Rows), 0L, 0L);
        foreach (var (length, rows) in lengths)
        {
            open += rows;
            if (before + open < all * (joined.Count + 1) / MostCandidates)
                continue;
            joined.Add((length, open));
            (before, open) = (before + open, 0);
        }
        return joined;
    }

    // cost[b][i]: tokens of the first i lengths in b buckets, the last of which ends with length i.
    private static int[] Cheapest(List<(int Length, long Rows)> lengths)
    {
        var count = lengths.Count;
        var before = new long[count + 1];
        for (var index = 0; index < count; index++)
            before[index + 1] = before[index] + lengths[index].Rows;
        var buckets = Math.Min(Most, count);
        var (cost, cut) = (new long[buckets + 1, count + 1], new int[buckets + 1, count + 1]);
        for (var bucket = 0; bucket <= buckets; bucket++)
        {
            for (var end = 0; end <= count; end++)
                (cost[bucket, end], cut[bucket, end]) = End(bucket, end);
        }
        var edges = new int[buckets];
        for (var (bucket, end) = (buckets, count); bucket > 0; end = cut[bucket, end], bucket--)
            edges[bucket - 1] = lengths[end - 1].Length;
        return edges;

        (long Cost, int Cut) End(int bucket, int end)
        {
            var best = (Cost: end == 0 && bucket == 0 ? 0 : long.MaxValue, Cut: 0);
            for (var start = bucket - 1; bucket > 0 && start < end; start++)
            {
                if (cost[bucket - 1, start] is var below && below < long.MaxValue && below + (before[end] - before[start]) * lengths[end - 1].Length is var tokens && tokens < best.Cost)
                    best = (tokens, start);
            }
            return best;
        }
    }
}
