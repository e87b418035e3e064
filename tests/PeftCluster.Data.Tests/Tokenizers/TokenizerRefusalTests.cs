using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>Files that are damaged or ask for what is not supported: one line each, and never another exception.</summary>
public sealed class TokenizerRefusalTests
{
    private const string Supported = "Supported is byte-level BPE, as GPT-2, Llama 3 and SmolLM have it";

    public static TheoryData<string, string, string> Settings => new()
    {
        { "model.type", "\"Unigram\"", $"model: Unigram is not supported. {Supported}." },
        { "model.type", "\"Uni\\n\\u001bgram\"", $"model: Uni  gram is not supported. {Supported}." },
        { "model.byte_fallback", "true", $"model: BPE with byte_fallback (SentencePiece) is not supported. {Supported}." },
        { "model.dropout", "0.1", "model.dropout: random merges are not supported: a row must have the same tokens every time. Set it to null." },
        { "model.end_of_word_suffix", "\"</w>\"", $"model.end_of_word_suffix: \"</w>\" is not supported. {Supported}." },
        { "model.vocab", "[]", "model.vocab: is not an object." },
        { "model.vocab", "{}", $"model: vocab has no token \"Ā\" for the byte 0x00. {Supported}: it holds all bytes." },
        { "model.vocab.h", "-1", "model.vocab.h: -1 is no token id (0 to 4194303)." },
        { "model.vocab.h", "4194304", "model.vocab.h: 4194304 is no token id (0 to 4194303)." },
        { "model.vocab.h", "1.5", "model.vocab.h: 1.5 is no token id (0 to 4194303)." },
        { "model.merges", "[\"h e\", \"h\"]", "model.merges[1]: is not a pair of tokens." },
        { "model.merges", "[\"h z\"]", "model.merges[0]: \"hz\" is not in model.vocab." },
        { "model.merges", "[[\"h\", 3]]", "model.merges[0][1]: is not a text." },
        { "normalizer", "{\"type\": \"NFC\"}", $"normalizer: NFC is not supported. {Supported}, without a normalizer." },
        { "normalizer", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Lowercase\"}]}", $"normalizer.normalizers[0]: Lowercase is not supported. {Supported}, without a normalizer." },
        { "pre_tokenizer", "null", $"has no pre_tokenizer. {Supported}, which has the pre-tokenizer ByteLevel." },
        { "pre_tokenizer", "{\"type\": \"Metaspace\"}", $"pre_tokenizer: Metaspace does not end with ByteLevel. {Supported}." },
        { "pre_tokenizer", "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Punctuation\"}, {\"type\": \"ByteLevel\"}]}", "pre_tokenizer.pretokenizers[0]: Punctuation is not supported here. Known are ByteLevel, and a Sequence of Split and Digits that ends with ByteLevel." },
        { "pre_tokenizer", "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\", \"behavior\": \"Removed\"}, {\"type\": \"ByteLevel\"}]}", "pre_tokenizer.pretokenizers[0]: Split with behavior Removed or invert is not supported. Known is Isolated, not inverted." },
        { "pre_tokenizer", "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": {\"Regex\": \"(\"}}, {\"type\": \"ByteLevel\"}]}", "pre_tokenizer.pretokenizers[0].pattern: is not a pattern that is supported: Invalid pattern '(' at offset 1. Not enough )'s." },
        { "post_processor", "{\"type\": \"Roberta\"}", "post_processor: Roberta is not supported. Known are ByteLevel, TemplateProcessing, RobertaProcessing, BertProcessing, and a Sequence of them." },
        { "post_processor.single", "[]", "post_processor: \"single\" does not hold the sequence A." },
        { "post_processor.special_tokens", "{}", "post_processor.special_tokens: \"<bos>\" is missing." },
        { "decoder", "null", "\"decoder\" is missing." },
        { "decoder.type", "\"Metaspace\"", $"decoder: Metaspace is not supported. {Supported}, which has the decoder ByteLevel." },
        { "added_tokens", "[{\"id\": 0}]", "added_tokens[0]: \"content\" is missing." },
        { "added_tokens", "[{\"id\": 0, \"content\": \"a\", \"lstrip\": 1}]", "added_tokens[0].lstrip: is neither true nor false." },
        { "model", "7", "model: is not an object." },
        { "model", "null", "\"model\" is missing." },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void A_setting_that_is_not_supported_is_refused_by_its_place(string path, string value, string line)
    {
        using var model = new TinyModel();
        var names = path.Split('.');
        JsonNode node = model.Tokenizer;
        foreach (var name in names[..^1])
            node = node[name]!;
        node[names[^1]] = JsonNode.Parse(value);

        Assert.Equal($"{model.TokenizerPath}: {line}", Assert.Throws<BadInputException>(model.Load).Message);
    }

    [Fact]
    public void A_missing_folder_and_a_missing_file_are_refused()
    {
        using var model = new TinyModel();

        Assert.Equal(
            $"{model.Folder}/none: no such folder. A model is a folder with config.json, *.safetensors and tokenizer.json.",
            Assert.Throws<BadInputException>(() => TextTokenizer.Load($"{model.Folder}/none")).Message);
        Assert.Equal(
            $"{model.TokenizerPath}: no such file. {Supported}, read from tokenizer.json.",
            Assert.Throws<BadInputException>(() => TextTokenizer.Load(model.Folder)).Message);
    }

    [Fact]
    public void A_file_that_is_no_JSON_is_refused_by_its_line()
    {
        using var model = new TinyModel();
        File.WriteAllText(model.TokenizerPath, "{\n  \"model\": {,\n}");

        Assert.Equal(
            $"{model.TokenizerPath}:2: is not JSON. Copy the file again from where the model came from.",
            Assert.Throws<BadInputException>(() => TextTokenizer.Load(model.Folder)).Message);
    }

    [Fact]
    public void A_token_of_end_that_is_no_token_is_refused()
    {
        using var model = new TinyModel().Write();
        var config = Path.Combine(model.Folder, "tokenizer_config.json");
        File.WriteAllText(config, """{"eos_token": "</s>"}""");

        Assert.Equal(
            $"{config}: eos_token: \"</s>\" is not a token of tokenizer.json.",
            Assert.Throws<BadInputException>(() => TextTokenizer.Load(model.Folder)).Message);
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_read_never_worse()
    {
        using var model = new TinyModel().Write();
        // The vocabulary is most of the file: without it damage hits what has structure.
        var sound = File.ReadAllText(model.TokenizerPath);
        var start = Encoding.UTF8.GetBytes(sound);
        var damage = Gen.Select(Gen.Int[0, start.Length - 1], Gen.OneOf(Gen.Byte, Gen.OneOf("\"{}[],:0-\\n"u8.ToArray())));
        damage.Array[1, 4].Sample(
            changes =>
            {
                var bytes = start.ToArray();
                foreach (var (at, value) in changes)
                    bytes[at] = value;
                File.WriteAllBytes(model.TokenizerPath, bytes);
                ReadOrRefuse(model);
            },
            iter: 1_000, threads: 1);
    }

    [Fact]
    public void Fields_of_other_kinds_are_refused_or_read_never_worse()
    {
        using var model = new TinyModel();
        var places = Places(model.Tokenizer).ToList();
        var value = Gen.OneOf("null", "true", "7", "-1", "1e300", "\"\"", "\"Sequence\"", "\"\\ud800\"", "[]", "[null]", "{}", "[[]]", "{\"type\": \"Sequence\"}");
        Gen.Select(Gen.Int[0, places.Count - 1], value).Sample(
            (place, text) =>
            {
                var changed = model.Tokenizer.DeepClone();
                var node = changed;
                foreach (var step in places[place][..^1])
                    node = step is int index ? node[index]! : node[(string)step]!;
                var replacement = text.Contains("ud800", StringComparison.Ordinal) ? "@half@" : text;
                if (places[place][^1] is int last)
                    node[last] = JsonNode.Parse(replacement == "@half@" ? "\"@half@\"" : replacement);
                else
                    node[(string)places[place][^1]] = JsonNode.Parse(replacement == "@half@" ? "\"@half@\"" : replacement);
                File.WriteAllText(model.TokenizerPath, changed.ToJsonString().Replace("@half@", "\\ud800", StringComparison.Ordinal));
                ReadOrRefuse(model);
            },
            iter: 500, threads: 1);
    }

    private static void ReadOrRefuse(TinyModel model)
    {
        try
        {
            var tokenizer = TextTokenizer.Load(model.Folder);
            _ = tokenizer.Decode(tokenizer.Encode("hello w 12 🙂", addSpecialTokens: true), skipSpecialTokens: false);
        }
        catch (BadInputException refused)
        {
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    /// <summary>Every place of the file but the single tokens of the vocabulary.</summary>
    private static IEnumerable<object[]> Places(JsonNode node)
    {
        IEnumerable<(object Step, JsonNode? Child)> children = node switch
        {
            JsonObject fields => fields.Take(12).Select(field => ((object)field.Key, field.Value)),
            JsonArray items => items.Select((item, index) => ((object)index, item)),
            _ => [],
        };
        foreach (var (step, child) in children)
        {
            yield return [step];
            foreach (var below in child is null ? [] : Places(child))
                yield return [step, .. below];
        }
    }
}
