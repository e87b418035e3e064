using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Examples.Make;
using PeftCluster.Examples.Make.World;
using PeftCluster.TFew.Make.Tasks;

namespace PeftCluster.TFew.Make.Tokens;

/// <summary>The base's vocabulary: every word and sign of the world, a token each. Unusual: no pieces of words, so other words are unknown.</summary>
internal static partial class WordVocabulary
{
    private const string Pad = "<pad>", End = "</s>", Unknown = "<unk>";

    // Words of no family, for wordings of one's own.
    private const string Spare = "Write Label Tell me with on label =";

    /// <summary>Writes tokenizer.json and tokenizer_config.json.</summary>
    public static TextTokenizer Make(string folder)
    {
        string[] words = [Pad, End, Unknown, .. Texts().SelectMany(text => Pieces().Matches(text).Select(match => match.Value)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var vocabulary = new JsonObject();
        foreach (var word in words)
            vocabulary[word] = vocabulary.Count;
        JsonFile.Write(Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(Added(0, Pad), Added(1, End), Added(2, Unknown)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "Whitespace" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(Sequence("A"), Special()),
                ["pair"] = new JsonArray(Sequence("A"), Special(), Sequence("B"), Special()),
                ["special_tokens"] = new JsonObject { [End] = new JsonObject { ["id"] = End, ["ids"] = new JsonArray(1), ["tokens"] = new JsonArray(End) } },
            },
            ["decoder"] = null,
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = vocabulary, ["unk_token"] = Unknown },
        });
        JsonFile.Write(Path.Combine(folder, "tokenizer_config.json"), new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["pad_token"] = Pad,
            ["eos_token"] = End,
            ["unk_token"] = Unknown,
            ["clean_up_tokenization_spaces"] = false,
        });
        return TextTokenizer.Load(folder);
    }

    // The tokenizer's own rule.
    [GeneratedRegex(@"\w+|[^\w\s]+")]
    private static partial Regex Pieces();

    private static IEnumerable<string> Texts() =>
    [
        .. Words.Fields.SelectMany(Words.Of), .. Words.Fields.Select(Words.Name), .. Enumerable.Range(0, Order.Forms).Select(form => new Order([.. Words.Fields.Select(Words.Name)], form).Sentence),
        .. Aspect.Unasked.Concat(Aspect.Asked).SelectMany(aspect => new[] { aspect.Word, aspect.Kind, aspect.Other }), "yes", "no", Spare,
        .. Families.All.Append(HeldOutTask.Family).SelectMany(family => family.Templates).SelectMany(template => new[] { template.PromptOf("", ""), template.AnswerOf("") }),
    ];

    private static JsonObject Sequence(string id) => new() { ["Sequence"] = new JsonObject { ["id"] = id, ["type_id"] = 0 } };

    private static JsonObject Special() => new() { ["SpecialToken"] = new JsonObject { ["id"] = End, ["type_id"] = 0 } };

    private static JsonObject Added(int id, string content) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };
}
