using System.Text.Json.Nodes;
using PeftCluster.Examples.Make;

namespace PeftCluster.Quickstart.Make.Tokens;

/// <summary>
/// Writes tokenizer.json and tokenizer_config.json as Hugging Face's GPT-2 has them. No token of begin; one of end. Unusual: a
/// text starts with a space (add_prefix_space), so that an answer's first word is the same token as in the order. A
/// word with two tokens cannot be copied; the base would have to learn a table.
/// </summary>
internal static class TokenizerFiles
{
    public const string EndText = "<|endoftext|>";

    /// <summary>Bytes, merges, and the token of end.</summary>
    public static int VocabularySize(int merges) => 256 + merges + 1;

    /// <summary>The id of the token of end: the last.</summary>
    public static int EndId(int merges) => 256 + merges;

    public static void Write(string folder, IReadOnlyList<(string Left, string Right)> merges)
    {
        JsonFile.Write(Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(new JsonObject
            {
                ["id"] = EndId(merges.Count),
                ["content"] = EndText,
                ["single_word"] = false,
                ["lstrip"] = false,
                ["rstrip"] = false,
                ["normalized"] = false,
                ["special"] = true,
            }),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(trimOffsets: true),
            ["post_processor"] = ByteLevel(trimOffsets: false),
            ["decoder"] = ByteLevel(trimOffsets: true),
            ["model"] = Model(merges),
        });
        JsonFile.Write(Path.Combine(folder, "tokenizer_config.json"), new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["eos_token"] = EndText,
            ["add_prefix_space"] = true,
            ["clean_up_tokenization_spaces"] = false,
            ["model_max_length"] = BaseConfig.ContextLength,
        });
    }

    private static JsonObject ByteLevel(bool trimOffsets) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = true,
        ["trim_offsets"] = trimOffsets,
        ["use_regex"] = true,
    };

    private static JsonObject Model(IReadOnlyList<(string Left, string Right)> merges)
    {
        var vocabulary = new JsonObject();
        foreach (var token in ByteNames.All.Concat(merges.Select(pair => pair.Left + pair.Right)))
            vocabulary[token] = vocabulary.Count;
        vocabulary[EndText] = vocabulary.Count;
        return new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = vocabulary,
            ["merges"] = new JsonArray([.. merges.Select(pair => new JsonArray(pair.Left, pair.Right))]),
        };
    }
}
