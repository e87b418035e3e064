using System.Text.Json.Nodes;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>
/// Every id and every text equal to Hugging Face <c>tokenizers</c>, for each case that is byte-level BPE without a
/// normalizer; the others are refused. The expected values were made by tests/golden/generate_tokenizers.py.
/// </summary>
public sealed class TokenizerGoldenTests
{
    [Fact]
    public void Ids_and_texts_equal_those_of_Hugging_Face()
    {
        var cases = Cases(supported: true);

        Assert.True(cases.Count >= 2 || FolderIsChosen);
        foreach (var folder in cases)
        {
            var tokenizer = TextTokenizer.Load(folder);
            foreach (var row in JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!.AsArray())
                Compare(tokenizer, row!, Path.GetFileName(folder));
        }
    }

    [Fact]
    public void Other_kinds_are_refused_and_the_line_says_what_is_supported()
    {
        var cases = Cases(supported: false);

        Assert.True(cases.Count >= 4 || FolderIsChosen);
        foreach (var folder in cases)
        {
            var refused = Assert.Throws<BadInputException>(() => TextTokenizer.Load(folder));
            Assert.StartsWith(Path.Combine(folder, "tokenizer.json") + ": ", refused.Message, StringComparison.Ordinal);
            Assert.Contains("Supported is byte-level BPE", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    /// <summary>A folder that somebody chose may hold fewer cases; what it holds is checked.</summary>
    private static bool FolderIsChosen => Environment.GetEnvironmentVariable("PEFTCLUSTER_GOLDEN") is { Length: > 0 };

    private static void Compare(TextTokenizer tokenizer, JsonNode row, string name)
    {
        var text = (string)row["text"]!;
        var (ids, plain) = (Ids(row["ids"]!), Ids(row["ids_no_special"]!));
        var where = $"{name}: {text}: ";

        Assert.Equal(where + string.Join(' ', ids), where + string.Join(' ', tokenizer.Encode(text, addSpecialTokens: true)));
        Assert.Equal(where + string.Join(' ', plain), where + string.Join(' ', tokenizer.Encode(text, addSpecialTokens: false)));
        Assert.Equal(where + (string)row["decoded"]!, where + tokenizer.Decode(plain, skipSpecialTokens: false));
        Assert.Equal(where + (string)row["decoded_skip_special"]!, where + tokenizer.Decode(ids, skipSpecialTokens: true));
    }

    private static int[] Ids(JsonNode ids) => [.. ids.AsArray().Select(id => (int)id!)];

    private static List<string> Cases(bool supported) =>
        [.. Directory.GetDirectories(GoldenFolder.Root, "tokenizers")
            .SelectMany(Directory.GetDirectories)
            .Order(StringComparer.Ordinal)
            .Where(folder => File.Exists(Path.Combine(folder, "tokenizer.json")))
            .Where(folder => IsPlainByteLevel(Path.Combine(folder, "tokenizer.json")) == supported)];

    private static bool IsPlainByteLevel(string path)
    {
        var file = JsonNode.Parse(File.ReadAllText(path))!;
        return (string?)file["model"]!["type"] == "BPE" && (string?)file["decoder"]?["type"] == "ByteLevel" && file["normalizer"] is null;
    }
}
