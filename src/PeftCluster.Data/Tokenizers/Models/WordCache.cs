using System.Collections.Concurrent;

namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>Tokens of words that were seen, since words come again. It stops growing when it is full; long words are not kept.</summary>
internal sealed class WordCache
{
    /// <summary>The longest word that is kept.</summary>
    public const int LongestWord = 128;

    private const int MostWords = 100_000;

    private readonly ConcurrentDictionary<string, int[]> _words = new();
    private int _count;

    /// <summary>The tokens of a word that was kept.</summary>
    public bool TryGet(ReadOnlySpan<char> word, out int[] ids)
    {
        ids = [];
        return word.Length <= LongestWord && _words.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out ids!);
    }

    /// <summary>Keeps a word's tokens while there is room.</summary>
    public void Keep(ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        if (word.Length <= LongestWord && Volatile.Read(ref _count) < MostWords && _words.TryAdd(word.ToString(), ids.ToArray()))
            Interlocked.Increment(ref _count);
    }
}
