using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Data.Tokenizers.Decoders;
using PeftCluster.Data.Tokenizers.Normalizers;
using PeftCluster.Data.Tokenizers.PreTokenizers;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>
/// Each component with each of its settings against Hugging Face <c>tokenizers</c>, on hard and on random texts.
/// Components/generate.mjs made the expected values.
/// </summary>
public sealed class ComponentTests
{
    private static readonly Lazy<JsonObject> Expected = new(() => JsonNode.Parse(File.ReadAllText(
        Path.Combine(GoldenFolder.Repository(), "tests", "PeftCluster.Data.Tests", "Tokenizers", "Components", "components.json")))!.AsObject());

    [Fact]
    public void Normalizers_write_the_same_text() => Each("normalizers", "normalizer", (root, row) =>
        Same(row[1]!, NormalizerReader.Read(root).Normalize((string)row[0]!)));

    [Fact]
    public void Pre_tokenizers_cut_the_same_pieces() => Each("pre_tokenizers", "pre_tokenizer", (root, row) =>
    {
        var (text, pieces) = ((string)row[0]!, new List<string>());
        // An empty text comes to no pre-tokenizer.
        if (text.Length > 0)
            PreTokenizerReader.Read(root).Split(new TextPiece(text, default, first: true), piece => Keep(piece.Text, pieces));
        Same(new JsonArray([.. row[1]!.AsArray().Where(piece => (string)piece! != "").Select(piece => piece!.DeepClone())]), new JsonArray([.. pieces.Select(piece => JsonValue.Create(piece))]));
    });

    [Fact]
    public void Decoders_write_the_same_text() => Each("decoders", "decoder", (root, row) =>
        Same(row[1]!, string.Concat(DecoderReader.Read(root).Decode([.. row[0]!.AsArray().Select(token => (string)token!)]))));

    [Fact]
    public void Whole_tokenizers_give_the_same_ids_and_texts() => Each("tokenizers", "tokenizer", (_, row, node) =>
    {
        var (pipeline, frame, _) = TokenizerFile.Read("tokenizer.json", System.Text.Encoding.UTF8.GetBytes(node.ToJsonString()));
        foreach (var expected in row)
        {
            var tokens = new TokenList(0, covers: false);
            pipeline.Encode((string)expected![0]!, tokens);
            var ids = tokens.Ids;
            var context = (string)expected[0]!;
            Same(expected[1]!, List(ids), context);
            Same(expected[2]!, List(frame.Before.Concat(ids).Concat(frame.After)), context);
            if (expected.AsArray().Count == 3)
                continue;
            Same(expected[3]!, pipeline.Decode([.. ids], skipSpecialTokens: false), context);
            Same(expected[4]!, pipeline.Decode([.. ids], skipSpecialTokens: true), context);
        }
    });

    private static JsonArray List(IEnumerable<int> ids) => new([.. ids.Select(id => JsonValue.Create(id))]);

    private static void Keep(ReadOnlySpan<char> piece, List<string> pieces)
    {
        if (!piece.IsEmpty)
            pieces.Add(piece.ToString());
    }

    private static void Each(string kind, string name, Action<JsonPlace, JsonArray> check) => Each(kind, name, (root, rows, _) =>
    {
        foreach (var row in rows)
            check(root, row!.AsArray());
    });

    private static void Each(string kind, string name, Action<JsonPlace, JsonArray, JsonNode> check)
    {
        var cases = Expected.Value[kind]!.AsArray();
        Assert.NotEmpty(cases);
        foreach (var one in cases)
        {
            using var root = JsonDocument.Parse(one!.ToJsonString());
            try
            {
                check(new JsonPlace(root.RootElement, "tokenizer.json", ""), one["rows"]!.AsArray(), one[name]!);
            }
            catch (Exception failed) when (failed is not OutOfMemoryException)
            {
                var setting = one[name]!.ToJsonString();
                Assert.Fail($"{setting[..Math.Min(300, setting.Length)]}: {failed.Message}");
            }
        }
    }

    private static void Same(JsonNode expected, JsonNode actual, string text = "") =>
        Assert.Equal($"{text} -> {expected.ToJsonString()}", $"{text} -> {actual.ToJsonString()}");
}
