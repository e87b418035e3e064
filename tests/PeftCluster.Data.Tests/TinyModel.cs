using System.Text;
using System.Text.Json.Nodes;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Tests;

/// <summary>
/// A model folder with nothing but a tokenizer: begin 0, end 1, the 256 bytes from 2 on, and a few merges. A test
/// changes what it is about before it loads.
/// </summary>
internal sealed class TinyModel : IDisposable
{
    public const int Bos = 0;
    public const int Eos = 1;

    public TinyModel()
    {
        Folder = Directory.CreateTempSubdirectory("peft-data-tests-").FullName;
        var vocabulary = new JsonObject { ["<bos>"] = Bos, ["<eos>"] = Eos };
        for (var value = 0; value < 256; value++)
            vocabulary[ByteAlphabet.CharOf((byte)value).ToString()] = IdOf((byte)value);
        var merges = new JsonArray();
        foreach (var (left, right) in new[] { ("h", "e"), ("l", "l"), ("Ġ", "w"), ("he", "ll") })
        {
            merges.Add(new JsonArray(left, right));
            vocabulary[left + right] = vocabulary.Count;
        }
        Tokenizer = new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added("<bos>", Bos), Added("<eos>", Eos)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["post_processor"] = Template("<bos>"),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = merges },
        };
        Config = new JsonObject { ["bos_token_id"] = Bos, ["eos_token_id"] = Eos };
    }

    public string Folder { get; }

    public JsonObject Tokenizer { get; }

    public JsonObject Config { get; }

    public string TokenizerPath => Path.Combine(Folder, "tokenizer.json");

    public static int IdOf(byte value) => value + 2;

    /// <summary>The ids of a text in which nothing merges.</summary>
    public static int[] IdsOf(string text) => [.. Encoding.UTF8.GetBytes(text).Select(IdOf)];

    /// <summary>The text of bytes and merges; begin and end by name.</summary>
    public static string TextOf(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>();
        foreach (var id in ids)
            bytes.AddRange(id switch { Bos => [.. "<bos>"u8], Eos => [.. "<eos>"u8], < 258 => [(byte)(id - 2)], _ => [.. new[] { "he", "ll", " w", "hell" }[id - 258].Select(letter => (byte)letter)] });
        return Encoding.UTF8.GetString([.. bytes]);
    }

    public static JsonObject Added(string text, int id, bool special = true) => new() { ["id"] = id, ["content"] = text, ["special"] = special, ["normalized"] = false };

    public static JsonObject Template(string before) => new()
    {
        ["type"] = "TemplateProcessing",
        ["single"] = new JsonArray(
            new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = before, ["type_id"] = 0 } },
            new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }),
        ["special_tokens"] = new JsonObject { [before] = new JsonObject { ["id"] = before, ["ids"] = new JsonArray(Bos) } },
    };

    /// <summary>Writes the files and loads them.</summary>
    public TextTokenizer Load()
    {
        Write();
        return TextTokenizer.Load(Folder);
    }

    public TinyModel Write()
    {
        File.WriteAllText(TokenizerPath, Tokenizer.ToJsonString());
        File.WriteAllText(Path.Combine(Folder, "config.json"), Config.ToJsonString());
        return this;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
