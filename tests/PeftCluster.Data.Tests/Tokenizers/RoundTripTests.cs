using CsCheck;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Data.Tokenizers.Unicode;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>
/// Decoding gives back what was encoded, on generated Unicode, for the kinds that promise it; and decoding token by token
/// gives what decoding all at once gives, for every kind.
/// </summary>
public sealed class RoundTripTests
{
    private static readonly Gen<string> Letters = Gen.OneOf(
        Gen.Int[1, 0x7F], Gen.Int[1, 0x7FF], Gen.Int[1, 0xD7FF], Gen.Int[0xE000, 0x10FFFF],
        Gen.OneOf(' ', ' ', '\n', '\r', '\t', '\'', 'e', 's', 't', 0x301, 0x323, 0x200D, 0x1F642, 0x1D7D8, 0xAC00, 0x11A8, 0xFB01, 0xA0, 0x3000))
        .Select(char.ConvertFromUtf32);

    private static readonly Gen<string> Texts = Gen.OneOf(Letters, Gen.OneOf("the ", "'LL ", "  ", "adapter", "123")).Array[0, 40].Select(string.Concat);

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    public void Byte_level_gives_back_any_text(string name) => Returns(name, text => text);

    [Fact]
    public void Qwen_gives_back_the_text_in_NFC() => Returns("qwen2", UnicodeForm.Nfc.Apply);

    // ▁ is what a space is written as, so it comes back as one.
    [Theory]
    [InlineData("llama2")]
    [InlineData("gemma")]
    [InlineData("spm-bpe-byte_fallback")]
    public void Byte_fallback_gives_back_any_text(string name) => Returns(name, text => text.Replace('▁', ' '));

    [Theory]
    [InlineData("gemma")]
    [InlineData("gpt2")]
    [InlineData("llama2")]
    [InlineData("spm-bpe-byte_fallback")]
    [InlineData("spm-unigram-nmt_nfkc")]
    [InlineData("unigram")]
    [InlineData("wordpiece")]
    public void Token_by_token_is_all_at_once(string name)
    {
        var tokenizer = Open(name);
        Gen.OneOf(Texts.Select(text => tokenizer.Encode(text, addSpecialTokens: true)), Gen.Int[0, tokenizer.VocabularySize].Array[0, 20]).Sample(
            ids =>
            {
                var whole = tokenizer.Decode(ids, skipSpecialTokens: true);
                var decoder = new StreamingDecoder(tokenizer, skipSpecialTokens: true);
                var pieces = ids.Select(decoder.Add).ToList();
                // Bytes that are no text may become fewer or more U+FFFD; all else is the same, and no piece has half a character.
                Assert.DoesNotContain(pieces, piece => piece.EndsWith('\uFFFD') || (piece.Length > 0 && char.IsHighSurrogate(piece[^1])));
                var streamed = string.Concat(pieces) + decoder.End();
                if (!whole.Contains('\uFFFD', StringComparison.Ordinal))
                    Assert.Equal(whole, streamed);
            },
            iter: 500, threads: 1);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_a_replacement_character()
    {
        var tokenizer = Open("gpt2");
        Assert.Equal("a\uFFFDb", tokenizer.Decode(tokenizer.Encode("a\uD83Db", addSpecialTokens: false), skipSpecialTokens: false));
    }

    private static void Returns(string name, Func<string, string> expected)
    {
        var tokenizer = Open(name);
        Texts.Sample(
            text => Assert.Equal(expected(text), tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: false), skipSpecialTokens: false)),
            iter: 1_000, threads: 1);
    }

    private static TextTokenizer Open(string name) =>
        TextTokenizer.Load(Path.Combine(GoldenFolder.Repository(), "tests", "golden", "tokenizers", name));
}
