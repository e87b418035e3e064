using System.Text.Json.Nodes;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>
/// Every id and every text equal to Hugging Face <c>tokenizers</c> and to SentencePiece, for every case in the folder. The
/// expected values were made by tests/golden/generate_tokenizers.py.
/// </summary>
public sealed class TokenizerGoldenTests
{
    private static readonly string[] Committed =
        ["gemma", "gpt2", "llama2", "llama3", "qwen2", "spm-bpe-byte_fallback", "spm-unigram-nmt_nfkc", "unigram", "wordpiece"];

    public static TheoryData<string> Cases => [.. Folders()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ids_and_texts_equal_those_of_the_reference(string folder)
    {
        var tokenizer = TextTokenizer.Load(folder);
        var rows = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!.AsArray();

        Assert.NotEmpty(rows);
        foreach (var row in rows)
            Compare(tokenizer, row!);
    }

    [Fact]
    public void Every_committed_case_is_found()
    {
        // A folder that somebody chose may hold fewer cases; what it holds is checked.
        if (Environment.GetEnvironmentVariable("PEFTCLUSTER_GOLDEN") is not { Length: > 0 })
            Assert.Equal(Committed, Folders().Select(folder => Path.GetFileName(folder)));
    }

    private static void Compare(TextTokenizer tokenizer, JsonNode row)
    {
        var text = (string)row["text"]!;
        var plain = Ids(row["ids_no_special"]!);

        Equal(text, plain, tokenizer.Encode(text, addSpecialTokens: false));
        Equal(text, (string)row["decoded"]!, tokenizer.Decode(plain, skipSpecialTokens: false));
        Equal(text, (string)row["decoded"]!, Streamed(tokenizer, plain, skipSpecialTokens: false));
        // SentencePiece's own cases have no tokens around a text.
        if (row["ids"] is null)
            return;
        var ids = Ids(row["ids"]!);
        Equal(text, ids, tokenizer.Encode(text, addSpecialTokens: true));
        Equal(text, (string)row["decoded_skip_special"]!, tokenizer.Decode(ids, skipSpecialTokens: true));
        Equal(text, (string)row["decoded_skip_special"]!, Streamed(tokenizer, ids, skipSpecialTokens: true));
    }

    private static string Streamed(TextTokenizer tokenizer, int[] ids, bool skipSpecialTokens)
    {
        var decoder = new StreamingDecoder(tokenizer, skipSpecialTokens);
        return string.Concat(ids.Select(decoder.Add)) + decoder.End();
    }

    private static void Equal(string text, int[] expected, int[] ids) => Equal(text, string.Join(' ', expected), string.Join(' ', ids));

    private static void Equal(string text, string expected, string actual) => Assert.Equal($"{text} -> {expected}", $"{text} -> {actual}");

    private static int[] Ids(JsonNode ids) => [.. ids.AsArray().Select(id => (int)id!)];

    private static IEnumerable<string> Folders() =>
        Directory.GetDirectories(GoldenFolder.Root, "tokenizers")
            .SelectMany(Directory.GetDirectories)
            .Where(folder => File.Exists(Path.Combine(folder, "expected.json")))
            .Order(StringComparer.Ordinal);
}
