using System.Globalization;
using PeftCluster.Data.Tokenizers.Models;

namespace PeftCluster.Data.Tests.Tokenizers.Models;

/// <summary>What a tokenizer keeps of the texts that it has read: a fixed number of words, whatever the size of the texts.</summary>
public sealed class WordCacheTests
{
    [Fact]
    public void It_keeps_a_hundred_thousand_words_and_none_after_them()
    {
        var cache = new WordCache();
        for (var word = 0; word < 120_000; word++)
            cache.Keep(Word(word), [word]);

        Assert.True(cache.TryGet(Word(99_999), out var ids));
        Assert.Equal([99_999], ids);
        Assert.False(cache.TryGet(Word(100_000), out _));
        Assert.False(cache.TryGet(Word(119_999), out _));
    }

    [Fact]
    public void Long_words_are_not_kept()
    {
        var cache = new WordCache();
        var (longest, longer) = (new string('a', WordCache.LongestWord), new string('a', WordCache.LongestWord + 1));
        cache.Keep(longest, [1]);
        cache.Keep(longer, [2]);

        Assert.True(cache.TryGet(longest, out _));
        Assert.False(cache.TryGet(longer, out _));
    }

    private static string Word(int number) => number.ToString(CultureInfo.InvariantCulture);
}
