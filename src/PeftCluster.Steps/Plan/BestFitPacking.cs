namespace PeftCluster.Steps.Plan;

/// <summary>
/// Packs rows into as few padded rows as best-fit decreasing finds: the longest first, each into the fullest padded row that still holds it. Ties go by
/// the rows' order, so the result is a function of lengths alone.
/// </summary>
internal static class BestFitPacking
{
    /// <summary>The rows of each padded row.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <param name="lengthOf">Tokens of a row, at most <paramref name="room"/>.</param>
    /// <param name="room">Tokens of a padded row.</param>
    public static IReadOnlyList<int[]> Of(IReadOnlyList<int> rows, Func<int, int> lengthOf, int room)
    {
        var packs = new List<List<int>>();
        // For each number of free tokens the packs that have as many; the numbers that occur, ascending.
        var byFree = new Dictionary<int, Stack<int>>();
        var free = new SortedSet<int>();
        foreach (var row in rows.OrderByDescending(lengthOf))
        {
            var length = lengthOf(row);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, room, nameof(lengthOf));
            var fitting = free.GetViewBetween(length, room).FirstOrDefault(-1);
            var pack = fitting < 0 ? packs.Count : Take(fitting);
            if (fitting < 0)
                packs.Add([]);
            packs[pack].Add(row);
            Put(pack, (fitting < 0 ? room : fitting) - length);
        }
        return [.. packs.Select(pack => pack.ToArray())];

        int Take(int tokens)
        {
            var pack = byFree[tokens].Pop();
            if (byFree[tokens].Count == 0)
                free.Remove(tokens);
            return pack;
        }

        void Put(int pack, int tokens)
        {
            if (!byFree.TryGetValue(tokens, out var packsOf))
                byFree[tokens] = packsOf = new Stack<int>();
            packsOf.Push(pack);
            free.Add(tokens);
        }
    }
}
