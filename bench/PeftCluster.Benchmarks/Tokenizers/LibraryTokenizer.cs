using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.Tokenizers;

namespace PeftCluster.Benchmarks.Tokenizers;

/// <summary>Microsoft.ML.Tokenizers for the kinds that it reads, opened from the same files.</summary>
internal static class LibraryTokenizer
{
    /// <summary>The library's tokenizer for a case, or null where it has none of the kind.</summary>
    public static Tokenizer? Open(string folder) => Path.GetFileName(folder) switch
    {
        "gpt2" => BytePair(Model(folder)),
        "wordpiece" => WordPiece(Model(folder)),
        var name when name.StartsWith("spm-", StringComparison.Ordinal) => SentencePiece(Path.Combine(folder, "spiece.model")),
        _ => null,
    };

    private static JsonNode Model(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer.json")))!["model"]!;

    private static BpeTokenizer BytePair(JsonNode model) => BpeTokenizer.Create(
        new BpeOptions(model["vocab"]!.AsObject().Select(token => KeyValuePair.Create(token.Key, (int)token.Value!)))
        {
            Merges = [.. model["merges"]!.AsArray().Select(merge => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : (string)merge!)],
            ByteLevel = true,
            PreTokenizer = RobertaPreTokenizer.Instance,
        });

    private static BertTokenizer WordPiece(JsonNode model)
    {
        var lines = model["vocab"]!.AsObject().OrderBy(token => (int)token.Value!).Select(token => token.Key);
        return BertTokenizer.Create(
            new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines))),
            new BertOptions { LowerCaseBeforeTokenization = true, RemoveNonSpacingMarks = true });
    }

    /// <summary>Null where the library does not open the model: 2.0.1 ends so on a unigram model whose bos_id is −1, as T5's is.</summary>
    private static SentencePieceTokenizer? SentencePiece(string path)
    {
        using var stream = File.OpenRead(path);
        try
        {
            return SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false, specialTokens: null);
        }
        catch (IndexOutOfRangeException)
        {
            return null;
        }
    }
}
