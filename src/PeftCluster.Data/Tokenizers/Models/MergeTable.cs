using System.Buffers;

namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>A learnt merge.</summary>
/// <param name="Rank">When it was learnt: the earlier wins.</param>
/// <param name="Id">The token that the two become.</param>
internal readonly record struct Merge(int Rank, int Id);

/// <summary>
/// Byte-pair merging (Sennrich et al., arXiv 1508.07909): again and again those neighbours become one whose merge was
/// learnt first, the leftmost of equals. A heap of candidates makes it O(n log n), so that a megabyte without a space is
/// no trouble.
/// </summary>
internal sealed class MergeTable(Dictionary<long, Merge> merges)
{
    /// <summary>Two neighbours as one number, which hashes faster than a tuple.</summary>
    public static long PairOf(int left, int right) => (long)left << 32 | (uint)right;

    /// <summary>Merges the symbols in place, and what they cover with them, and says how many are left. A negative symbol stays as it is.</summary>
    /// <param name="symbols">The symbols of a piece.</param>
    /// <param name="covers">One for each symbol; empty: nobody asks.</param>
    public int Apply(Span<int> symbols, Span<TextSpan> covers = default)
    {
        if (symbols.Length < 2)
            return symbols.Length;
        var links = ArrayPool<int>.Shared.Rent(symbols.Length * 2);
        var next = links.AsSpan(0, symbols.Length);
        var previous = links.AsSpan(symbols.Length, symbols.Length);
        var candidates = new PriorityQueue<int, long>();
        for (var i = 0; i < symbols.Length; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            if (i + 1 < symbols.Length)
                Offer(symbols, i, i + 1, candidates);
        }
        while (candidates.TryDequeue(out var left, out var offered))
        {
            // What was offered may have been merged away since.
            var right = next[left];
            if (right < 0 || right >= symbols.Length || !merges.TryGetValue(PairOf(symbols[left], symbols[right]), out var merge) || merge.Rank != offered >> 32)
                continue;
            symbols[left] = merge.Id;
            if (!covers.IsEmpty)
                covers[left] = covers[left].With(covers[right]);
            next[left] = next[right];
            next[right] = -1;
            if (next[left] < symbols.Length)
            {
                previous[next[left]] = left;
                Offer(symbols, left, next[left], candidates);
            }
            if (previous[left] >= 0)
                Offer(symbols, previous[left], left, candidates);
        }
        var kept = 0;
        for (var i = 0; i < symbols.Length; i = next[i])
        {
            if (!covers.IsEmpty)
                covers[kept] = covers[i];
            symbols[kept++] = symbols[i];
        }
        ArrayPool<int>.Shared.Return(links);
        return kept;
    }

    private void Offer(Span<int> symbols, int left, int right, PriorityQueue<int, long> candidates)
    {
        if (merges.TryGetValue(PairOf(symbols[left], symbols[right]), out var merge))
            candidates.Enqueue(left, (long)merge.Rank << 32 | (uint)left);
    }
}
