using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>What stands beside a SentencePiece model: tokens around a text, added tokens, T5's sentinels; and files that are refused.</summary>
public sealed class SentencePieceFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("peft-data-tests-").FullName;

    [Fact]
    public void A_T5_ends_a_text_and_has_a_hundred_sentinels_behind_its_pieces()
    {
        var plain = Open("spm-unigram-nmt_nfkc", "spiece.model");
        var t5 = Open("spm-unigram-nmt_nfkc", "spiece.model", ("config.json", """{"model_type": "t5"}"""));

        Assert.Equal(plain.VocabularySize + 100, t5.VocabularySize);
        Assert.Equal([.. plain.Encode("a cat", addSpecialTokens: false), t5.VocabularySize - 1, 1], t5.Encode("a cat<extra_id_0>", addSpecialTokens: true));
        Assert.Equal((null, 1), (t5.BosId, t5.EosId));
        Assert.NotEqual(plain.Hash, t5.Hash);
    }

    [Fact]
    public void A_llama_begins_a_text_unless_its_config_says_otherwise()
    {
        var llama = Open("spm-bpe-byte_fallback", "tokenizer.model");
        var other = Open("spm-bpe-byte_fallback", "tokenizer.model", ("tokenizer_config.json", """{"add_bos_token": false, "add_eos_token": true}"""));
        var plain = llama.Encode("a cat", addSpecialTokens: false);

        Assert.Equal([1, .. plain], llama.Encode("a cat", addSpecialTokens: true));
        Assert.Equal([.. plain, 2], other.Encode("a cat", addSpecialTokens: true));
    }

    [Fact]
    public void Added_tokens_are_found_in_a_text_and_a_stretch_behind_one_gets_a_space_in_the_legacy_way_only()
    {
        const string added = """ "added_tokens_decoder": {"2": {"content": "</s>", "special": true, "normalized": false}} """;
        var legacy = Open("spm-bpe-byte_fallback", "tokenizer.model", ("tokenizer_config.json", $$"""{{{added}}}"""));
        var now = Open("spm-bpe-byte_fallback", "tokenizer.model", ("tokenizer_config.json", $$"""{"legacy": false, {{added}}}"""));

        Assert.Equal([.. legacy.Encode("a", addSpecialTokens: false), 2, .. legacy.Encode("a", addSpecialTokens: false)], legacy.Encode("a</s>a", addSpecialTokens: false));
        Assert.Equal("a</s>a", now.Decode(now.Encode("a</s>a", addSpecialTokens: false), skipSpecialTokens: false));
        Assert.Equal("aa", now.Decode(now.Encode("a</s>a", addSpecialTokens: false), skipSpecialTokens: true));
    }

    [Fact]
    public void Without_added_tokens_the_name_of_a_control_piece_is_text()
    {
        Assert.DoesNotContain(2, Open("spm-bpe-byte_fallback", "tokenizer.model").Encode("</s>", addSpecialTokens: false));
    }

    [Theory]
    [InlineData(3, "the model type WORD is not supported. Known are UNIGRAM and BPE.")]
    [InlineData(4, "the model type CHAR is not supported. Known are UNIGRAM and BPE.")]
    [InlineData(9, "is no SentencePiece model, or damaged. Copy the file again from where the model came from.")]
    public void Another_type_of_model_is_refused_by_its_name(byte type, string line)
    {
        // pieces { piece: "a" }, trainer_spec { model_type: … }
        File.WriteAllBytes(Path.Combine(_folder, "spiece.model"), [0x0A, 3, 0x0A, 1, (byte)'a', 0x12, 2, 0x18, type]);

        Assert.Equal($"{_folder}/spiece.model: {line}", Assert.Throws<BadInputException>(() => TextTokenizer.Load(_folder)).Message);
    }

    [Fact]
    public void Tokenizer_json_comes_first()
    {
        var json = Path.Combine(GoldenFolder.Repository(), "tests", "golden", "tokenizers", "gpt2", "tokenizer.json");
        File.Copy(json, Path.Combine(_folder, "tokenizer.json"));

        Assert.Equal(TextTokenizer.Load(Path.GetDirectoryName(json)!).Hash, Open("spm-bpe-byte_fallback", "tokenizer.model").Hash);
        Assert.Equal(["tokenizer.json"], TokenizerFolder.Files(_folder));
        File.Delete(Path.Combine(_folder, "tokenizer.json"));
        Assert.Equal(["tokenizer.model"], TokenizerFolder.Files(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private TextTokenizer Open(string golden, string name, params (string Name, string Text)[] beside)
    {
        File.Copy(Path.Combine(GoldenFolder.Repository(), "tests", "golden", "tokenizers", golden, "spiece.model"), Path.Combine(_folder, name), overwrite: true);
        foreach (var (file, text) in beside)
            File.WriteAllText(Path.Combine(_folder, file), text);
        return TextTokenizer.Load(_folder);
    }
}
