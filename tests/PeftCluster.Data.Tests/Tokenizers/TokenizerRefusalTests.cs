using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>Files that are damaged or ask for what is not supported: one line each, and never another exception.</summary>
public sealed class TokenizerRefusalTests
{
    private const string Models = "Known are BPE, Unigram, WordPiece and WordLevel.";

    private const string Normalizers =
        "Known are NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Nmt, Prepend, Replace, Precompiled, BertNormalizer, and a Sequence of them.";

    private const string PreTokenizers =
        "Known are ByteLevel, Split, Whitespace, WhitespaceSplit, BertPreTokenizer, Punctuation, Digits, CharDelimiterSplit, Metaspace, and a Sequence of them.";

    public static TheoryData<string, string, string> Settings => new()
    {
        { "model.type", "\"Wordy\"", $"model: Wordy is not supported. {Models}" },
        { "model.type", "\"Uni\\n\\u001bgram\"", $"model: Uni  gram is not supported. {Models}" },
        { "model.type", "\"Unigram\"", "model.vocab: is not a list." },
        { "model.type", "\"WordPiece\"", "model: unk_token \"[UNK]\" is not in model.vocab." },
        { "model.unk_token", "\"<none>\"", "model.unk_token: \"<none>\" is not in model.vocab." },
        { "model.dropout", "0.1", "model.dropout: random merges are not supported: a row must have the same tokens every time. Set it to null." },
        { "model.vocab", "[]", "model.vocab: is not an object." },
        { "model.vocab", "{}", $"model: vocab has no token \"Ā\" for the byte 0x00. A byte-level vocabulary without unk_token holds all bytes." },
        { "model.vocab.h", "-1", "model.vocab.h: -1 is no token id (0 to 4194303)." },
        { "model.vocab.h", "4194304", "model.vocab.h: 4194304 is no token id (0 to 4194303)." },
        { "model.vocab.h", "1.5", "model.vocab.h: 1.5 is no token id (0 to 4194303)." },
        { "model.merges", "[\"h e\", \"h\"]", "model.merges[1]: is not a pair of tokens." },
        { "model.merges", "[\"h z\"]", "model.merges[0]: \"hz\" is not in model.vocab." },
        { "model.merges", "[[\"h\", 3]]", "model.merges[0][1]: is not a text." },
        { "normalizer", "{\"type\": \"Translit\"}", $"normalizer: Translit is not supported. {Normalizers}" },
        { "normalizer", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"}, {\"type\": \"Upper\"}]}", $"normalizer.normalizers[1]: Upper is not supported. {Normalizers}" },
        { "normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}", "normalizer.precompiled_charsmap: is damaged. Copy the file again from where the model came from." },
        { "normalizer", "{\"type\": \"Replace\", \"pattern\": {\"String\": \"\"}, \"content\": \"a\"}", "normalizer.pattern: is empty." },
        { "pre_tokenizer", "{\"type\": \"UnicodeScripts\"}", $"pre_tokenizer: UnicodeScripts is not supported. {PreTokenizers}" },
        { "pre_tokenizer", "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Digits\"}, {\"type\": \"Words\"}]}", $"pre_tokenizer.pretokenizers[1]: Words is not supported. {PreTokenizers}" },
        { "pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"__\"}", "pre_tokenizer.replacement: is not one character." },
        { "pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"_\", \"prepend_scheme\": \"last\"}", "pre_tokenizer.prepend_scheme: \"last\" is not supported. Known are always, first, never." },
        { "pre_tokenizer", Split("a", "Sideways"), "pre_tokenizer.behavior: \"Sideways\" is not supported. Known are Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous." },
        { "pre_tokenizer", Split("("), "pre_tokenizer.pattern: is not a pattern that is supported: Invalid pattern '(' at offset 1. Not enough )'s." },
        { "pre_tokenizer", Split(@"\\p{Han}+"), @"pre_tokenizer.pattern: is not a pattern that is supported: \p{Han} is not supported." },
        { "pre_tokenizer", Split("[a-z&&[^b]]"), "pre_tokenizer.pattern: is not a pattern that is supported: && in a class is not supported." },
        { "pre_tokenizer", Split("[[:alpha:]]"), "pre_tokenizer.pattern: is not a pattern that is supported: [: in a class is not supported." },
        { "pre_tokenizer", Split(@"a\\Kb"), @"pre_tokenizer.pattern: is not a pattern that is supported: \K is not supported." },
        { "pre_tokenizer", Split("a(?i)b|c"), "pre_tokenizer.pattern: is not a pattern that is supported: (?i) inside of a pattern is not supported." },
        { "pre_tokenizer", Split("[🙂]"), "pre_tokenizer.pattern: is not a pattern that is supported: A character beyond U+FFFF is not supported." },
        { "post_processor", "{\"type\": \"Roberta\"}", "post_processor: Roberta is not supported. Known are ByteLevel, TemplateProcessing, RobertaProcessing, BertProcessing, and a Sequence of them." },
        { "post_processor.single", "[]", "post_processor: \"single\" does not hold the sequence A." },
        { "post_processor.special_tokens", "{}", "post_processor.special_tokens: \"<bos>\" is missing." },
        { "decoder.type", "\"CTC\"", "decoder: CTC is not supported. Known are ByteLevel, ByteFallback, Fuse, Metaspace, WordPiece, BPEDecoder, Replace, Strip, and a Sequence of them." },
        { "added_tokens", "[{\"id\": 5, \"content\": \"<bos>\"}]", "added_tokens[0]: has the id 5, but \"<bos>\" has 0 in model.vocab." },
        { "added_tokens", "[{\"id\": 0}]", "added_tokens[0]: \"content\" is missing." },
        { "added_tokens", "[{\"id\": 0, \"content\": \"a\", \"lstrip\": 1}]", "added_tokens[0].lstrip: is neither true nor false." },
        { "model", "7", "model: is not an object." },
        { "model", "null", "\"model\" is missing." },
    };

    private static string Split(string pattern, string behavior = "Isolated") =>
        $$$"""{"type": "Split", "behavior": "{{{behavior}}}", "pattern": {"Regex": "{{{pattern}}}"}}""";

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
            $"{model.TokenizerPath}: no such file. A tokenizer is read from tokenizer.json, or from SentencePiece's spiece.model or tokenizer.model.",
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
