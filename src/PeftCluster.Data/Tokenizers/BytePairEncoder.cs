using System.Collections.Concurrent;
using System.Text;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// Byte-pair encoding of one word (Sennrich et al., arXiv 1508.07909): start with its bytes, and again and again
/// merge the neighbours whose merge was learnt first, the leftmost of equals. A heap of candidates makes it
/// O(n log n), so that a megabyte without a space is no trouble. Words are cached; threads may share an encoder.
/// </summary>
internal sealed class BytePairEncoder
{
    private const int MostCachedWords = 100_000;
    private const int LongestCachedWord = 128;

    private readonly int[] _idOfByte;
    private readonly Dictionary<long, Merge> _merges;
    private readonly Dictionary<string, int>? _wholeWords;
    private readonly ConcurrentDictionary<string, int[]> _cache = new();
    private int _cached;

    /// <param name="idOfByte">The token of each byte; −1 for bytes that never occur in text.</param>
    /// <param name="merges">Two neighbours (<see cref="PairOf"/>) → when their merge was learnt, and what they become.</param>
    /// <param name="wholeWords">The vocabulary, where a word that is in it needs no merges (ignore_merges), else null.</param>
    public BytePairEncoder(int[] idOfByte, Dictionary<long, Merge> merges, Dictionary<string, int>? wholeWords)
    {
        _idOfByte = idOfByte;
        _merges = merges;
        _wholeWords = wholeWords;
    }

    /// <summary>Two neighbours as one number, which hashes faster than a tuple.</summary>
    public static long PairOf(int left, int right) => (long)left * TextTokenizer.MostTokens + right;

    /// <summary>Appends the word's tokens.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        if (word.Length > LongestCachedWord)
        {
            ids.AddRange(Compute(word));
            return;
        }
        var lookup = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(word, out var known))
        {
            known = Compute(word);
            if (Volatile.Read(ref _cached) < MostCachedWords && _cache.TryAdd(word.ToString(), known))
                Interlocked.Increment(ref _cached);
        }
        ids.AddRange(known);
    }

    private int[] Compute(ReadOnlySpan<char> word)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes);
        if (_wholeWords is not null && _wholeWords.TryGetValue(ByteAlphabet.Name(bytes), out var whole))
            return [whole];

        var ids = new int[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            ids[i] = _idOfByte[bytes[i]];
        return MergeAll(ids);
    }

    /// <summary>Merges in place: position i holds a token until its left neighbour swallows it (then −1).</summary>
    private int[] MergeAll(int[] ids)
    {
        var next = new int[ids.Length];
        var previous = new int[ids.Length];
        var candidates = new PriorityQueue<int, long>();
        for (var i = 0; i < ids.Length; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (var i = 0; i + 1 < ids.Length; i++)
            Offer(i);

        while (candidates.TryDequeue(out var left, out var offered))
        {
            var right = next[left];
            // What was offered may have been merged away since.
            if (ids[left] < 0 || right >= ids.Length || !_merges.TryGetValue(PairOf(ids[left], ids[right]), out var merge) || merge.Rank != offered >> 32)
                continue;
            ids[left] = merge.Id;
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] < ids.Length)
                previous[next[left]] = left;
            if (previous[left] >= 0)
                Offer(previous[left]);
            Offer(left);
        }
        return Array.FindAll(ids, id => id >= 0);

        void Offer(int left)
        {
            if (next[left] < ids.Length && _merges.TryGetValue(PairOf(ids[left], ids[next[left]]), out var merge))
                candidates.Enqueue(left, ((long)merge.Rank << 32) | (uint)left);
        }
    }
}

/// <summary>A learnt merge.</summary>
/// <param name="Rank">When it was learnt: the earlier wins.</param>
/// <param name="Id">The token that the two become.</param>
internal readonly record struct Merge(int Rank, int Id);
