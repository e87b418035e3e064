using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>What tokens cover of a text: for every kind of tokenizer, through everything that changes the text on its way.</summary>
public sealed class TokenOffsetsTests
{
    private static readonly Gen<string> Letters = Gen.OneOf(
        Gen.Int[1, 0x7F], Gen.Int[1, 0x7FF], Gen.Int[1, 0xD7FF], Gen.Int[0xE000, 0x10FFFF],
        Gen.OneOf(' ', ' ', '\n', '\t', 'e', 0x301, 0x323, 0x200D, 0x1F642, 0x1D7D8, 0xAC00, 0x1100, 0x1161, 0xFB01, 0xA0, 0x3000, 0x4E2D, 0x130, '▁'))
        .Select(char.ConvertFromUtf32);

    private static readonly Gen<string> Texts = Gen.OneOf(Letters, Gen.OneOf("the ", "'LL ", "  ", "adapter", "<s>", "<|im_end|>", "</s>", "\ud800")).Array[0, 40].Select(string.Concat);

    public static TheoryData<string> Names =>
        ["gemma", "gpt2", "llama2", "llama3", "qwen2", "spm-bpe-byte_fallback", "spm-unigram-nmt_nfkc", "unigram", "wordpiece"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_are_those_without_offsets_and_covers_go_from_left_to_right(string name)
    {
        var tokenizer = Open(name);
        Texts.Sample(
            text =>
            {
                var tokens = tokenizer.EncodeWithOffsets(text);
                Assert.Equal(tokenizer.Encode(text, addSpecialTokens: false), tokens.Ids);
                Assert.Equal(tokens.Ids.Count, tokens.Covers.Count);
                Assert.All(tokens.Covers, cover => Assert.True(0 <= cover.Start && cover.Start < cover.End && cover.End <= text.Length));
                // Only marks may change places, as the canonical order wants them.
                Assert.All(tokens.Covers.Zip(tokens.Covers.Skip(1)), pair => Assert.True(pair.First.Start <= pair.Second.Start || AreMarks(text[pair.Second.Start..pair.First.End])));
            },
            iter: 700, threads: 1);
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    [InlineData("gemma")]
    [InlineData("llama2")]
    [InlineData("spm-bpe-byte_fallback")]
    public void Where_nothing_is_dropped_every_char_is_covered_and_a_tokens_text_is_what_it_covers(string name)
    {
        var tokenizer = Open(name);
        Texts.Where(text => !text.Contains('\ud800', StringComparison.Ordinal)).Sample(
            text =>
            {
                var tokens = tokenizer.EncodeWithOffsets(text);
                var end = 0;
                foreach (var ((id, cover), at) in tokens.Ids.Zip(tokens.Covers).Select((pair, at) => (pair, at)))
                {
                    Assert.True(cover.Start <= end, $"nothing covers {end} of {text}");
                    end = Math.Max(end, cover.End);
                    // A token of half a character, and the ▁ that is put before a text, have other texts.
                    var own = tokenizer.Decode([id], skipSpecialTokens: false);
                    var shown = text[cover.Start..cover.End].Replace('▁', ' ');
                    Assert.True(own.Contains('\uFFFD', StringComparison.Ordinal) || shown.EndsWith(own.TrimStart(' '), StringComparison.Ordinal), $"{own} covers {shown} of {text}");
                }
                Assert.Equal(text.Length, end);
            },
            iter: 700, threads: 1);
    }

    // What Hugging Face tokenizers' offset_mapping has for these; the comments say what is unlike.
    [Theory]
    [InlineData("llama2", "A 🙂", "0-1 1-2 2-4 2-4 2-4 2-4")]
    [InlineData("qwen2", "e\u0301", "0-2 0-2")] // there 0-1: it loses the mark
    [InlineData("wordpiece", "É中", "0-1 1-2")]
    [InlineData("spm-unigram-nmt_nfkc", "ﬁ", "0-1 0-1")]
    public void A_changed_text_is_covered_where_it_came_from(string name, string text, string expected)
    {
        var tokens = Open(name).EncodeWithOffsets(text);
        Assert.Equal(expected, Shown(tokens));
    }

    [Fact]
    public void An_added_token_covers_the_blanks_that_it_swallows()
    {
        using var model = new TinyModel();
        var added = TinyModel.Added("<x>", 300);
        (added["lstrip"], added["rstrip"]) = (true, true);
        model.Tokenizer["added_tokens"]!.AsArray().Add((JsonNode)added);

        Assert.Equal("0-1 1-6 6-7", Shown(model.Load().EncodeWithOffsets("a <x> b")));
    }

    [Fact]
    public void A_blank_put_before_a_text_belongs_to_its_first_char()
    {
        using var model = new TinyModel();
        model.Tokenizer["pre_tokenizer"]!["add_prefix_space"] = true;

        Assert.Equal("0-1 1-3", Shown(model.Load().EncodeWithOffsets("whe")));
    }

    [Fact]
    public void Several_chars_that_become_one_are_all_covered()
    {
        using var model = new TinyModel();
        model.Tokenizer["normalizer"] = JsonNode.Parse("""{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}""");

        Assert.Equal("0-1 1-4 4-5", Shown(model.Load().EncodeWithOffsets("a   b")));
    }

    [Fact]
    public void Of_dropped_chars_no_token_knows()
    {
        using var model = new TinyModel();
        model.Tokenizer["normalizer"] = JsonNode.Parse("""{"type": "Strip", "strip_left": true, "strip_right": true}""");

        Assert.Equal("2-3", Shown(model.Load().EncodeWithOffsets("  b ")));
    }

    private static bool AreMarks(string text) =>
        text.EnumerateRunes().All(rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    private static string Shown(OffsetTokens tokens) => string.Join(' ', tokens.Covers.Select(cover => $"{cover.Start}-{cover.End}"));

    private static TextTokenizer Open(string name) =>
        TextTokenizer.Load(Path.Combine(GoldenFolder.Repository(), "tests", "golden", "tokenizers", name));
}
