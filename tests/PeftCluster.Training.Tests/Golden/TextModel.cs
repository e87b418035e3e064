using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>
/// A model folder that texts can be given to: a tiny random llama and a tokenizer of single bytes. The model answers in printable ASCII
/// only: the head's other rows are zero, and random logits always have a larger one.
/// </summary>
internal static class TextModel
{
    public const int Bos = 0;
    public const int Eos = 1;
    private const int FirstByte = 2;

    public static DecoderConfig Config { get; } = TinyLlama.Config with { VocabularySize = FirstByte + 256, ContextLength = 256 };

    /// <summary>Writes config.json, model.safetensors and tokenizer.json.</summary>
    public static void Write(string folder)
    {
        using var scope = NewDisposeScope();
        var weights = TinyLlama.Weights(Config);
        var head_VD = weights["lm_head.weight"];
        head_VD.narrow(0, 0, FirstByte + ' ' + 1).zero_();
        head_VD.narrow(0, FirstByte + 127, 129).zero_();
        TinyLlama.Write(folder, Config, weights);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer().ToJsonString());
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"bos_token": "<bos>", "eos_token": "<eos>"}""");
    }

    /// <summary>The ids of a text of ASCII characters.</summary>
    public static int[] IdsOf(string text) => [.. text.Select(letter => FirstByte + letter)];

    private static JsonObject Tokenizer()
    {
        var vocabulary = new JsonObject { ["<bos>"] = Bos, ["<eos>"] = Eos };
        for (var value = 0; value < 256; value++)
            vocabulary[((char)Shown(value)).ToString()] = FirstByte + value;
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(Special("<bos>", Bos), Special("<eos>", Eos)),
            ["pre_tokenizer"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}"""),
            ["post_processor"] = JsonNode.Parse("""
                {"type": "TemplateProcessing",
                 "single": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                 "special_tokens": {"<bos>": {"id": "<bos>", "ids": [0]}}}
                """),
            ["decoder"] = JsonNode.Parse("""{"type": "ByteLevel"}"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
    }

    private static JsonNode Special(string text, int id) =>
        JsonSerializer.SerializeToNode(new { id, content = text, special = true, normalized = false })!;

    // GPT-2's alphabet: bytes that can be printed stand for themselves, the others for characters from 256 on, in order.
    private static int Shown(int value)
    {
        static bool Printed(int value) => value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
        return Printed(value) ? value : 256 + Enumerable.Range(0, value).Count(before => !Printed(before));
    }
}
