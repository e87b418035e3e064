using System.Text;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Steps.Randomness;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>What a tokenizer keeps of the texts that it has read, and what it needs besides while it reads: neither goes with their size.</summary>
[Collection(nameof(AloneInMemory))]
public sealed class TokenizerMemoryTests
{
    private const int Megabyte = 1 << 20;

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama2")]
    [InlineData("spm-bpe-byte_fallback")]
    [InlineData("unigram")]
    [InlineData("wordpiece")]
    public void Once_its_cache_of_words_is_full_it_keeps_nothing_more_and_a_text_takes_room_for_its_ids_only(string name)
    {
        var tokenizer = TextTokenizer.Load(GoldenFolder.Of("tokenizers", name));
        Read(tokenizer, megabytes: 4, seed: 1);
        var full = Kept();

        Read(tokenizer, megabytes: 2, seed: 2);
        // The words themselves would be 20 MB.
        Assert.InRange(Kept() - full, long.MinValue, 3 * Megabyte);

        var text = Words(2 * Megabyte, seed: 3);
        var before = Kept();
        var ids = tokenizer.Encode(text, addSpecialTokens: false);
        // What lives at the end is the ids: nothing that the pieces were made of.
        Assert.InRange(Kept() - before, 4L * ids.Length - Megabyte, 4L * ids.Length + Megabyte);
        GC.KeepAlive(text);
    }

    private static void Read(TextTokenizer tokenizer, int megabytes, long seed)
    {
        for (var part = 0; part < megabytes * 4; part++)
            tokenizer.Encode(Words(Megabyte / 4, seed * 1000 + part), addSpecialTokens: false);
    }

    // Words of three to twelve letters that hardly ever come again.
    private static string Words(int chars, long seed)
    {
        var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues);
        var text = new StringBuilder(chars + 16);
        while (text.Length < chars)
        {
            for (var letters = 3 + random.NextBelow(10); letters > 0; letters--)
                text.Append((char)('a' + random.NextBelow(26)));
            text.Append(' ');
        }
        return text.ToString();
    }

    private static long Kept() => GC.GetTotalMemory(forceFullCollection: true);
}

/// <summary>Tests that look at the whole process's memory run alone.</summary>
[CollectionDefinition(nameof(AloneInMemory), DisableParallelization = true)]
public sealed class AloneInMemory;
