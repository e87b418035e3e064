using CsCheck;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Tokenizers;

/// <summary>Damaged tokenizer files of every kind: one clear line or a tokenizer that works, and never much memory.</summary>
public sealed class DamagedTokenizerTests : IDisposable
{
    private const long MostMemory = 200 << 20;

    private const string Config = """{"add_bos_token": true, "add_eos_token": false, "bos_token": "<s>", "eos_token": {"content": "</s>"}, "legacy": false, "extra_ids": 3, "added_tokens_decoder": {"2": {"content": "</s>", "special": true, "normalized": false}}, "tokenizer_class": "LlamaTokenizer"}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("peft-data-tests-").FullName;

    [Theory]
    [InlineData("llama2", "tokenizer.json")]
    [InlineData("llama3", "tokenizer.json")]
    [InlineData("unigram", "tokenizer.json")]
    [InlineData("wordpiece", "tokenizer.json")]
    [InlineData("spm-bpe-byte_fallback", "spiece.model")]
    [InlineData("spm-unigram-nmt_nfkc", "spiece.model")]
    [InlineData("spm-bpe-byte_fallback", "tokenizer_config.json")]
    public void Damage_is_refused_or_read_never_worse(string name, string file)
    {
        var golden = Path.Combine(GoldenFolder.Repository(), "tests", "golden", "tokenizers", name);
        foreach (var path in Directory.GetFiles(golden).Where(path => !path.EndsWith("expected.json", StringComparison.Ordinal)))
            File.Copy(path, Path.Combine(_folder, Path.GetFileName(path)));
        if (file == "tokenizer_config.json")
            File.WriteAllText(Path.Combine(_folder, file), Config);
        var sound = File.ReadAllBytes(Path.Combine(_folder, file));

        // Half of the damage hits the first kilobytes, where sizes and settings are.
        var place = Gen.OneOf(Gen.Int[0, Math.Min(sound.Length, 2_000) - 1], Gen.Int[0, sound.Length - 1]);
        var value = Gen.OneOf(Gen.Byte, Gen.OneOf("\"{}[],:0-9\\n\0\u007f"u8.ToArray()));
        Gen.Select(Gen.Select(place, value).Array[1, 6], Gen.Int[0, 9], Gen.Int[0, sound.Length]).Sample(
            (changes, kind, length) =>
            {
                var bytes = sound.ToArray();
                foreach (var (at, changed) in changes)
                    bytes[at] = changed;
                // One in ten is cut off, one in ten has a part twice.
                byte[] damaged = kind switch { 0 => bytes[..length], 1 => [.. bytes[..length], .. bytes[(length / 2)..]], _ => bytes };
                File.WriteAllBytes(Path.Combine(_folder, file), damaged);
                ReadOrRefuse();
            },
            iter: 60, threads: 1);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void ReadOrRefuse()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var tokenizer = TextTokenizer.Load(_folder);
            var ids = tokenizer.Encode("Hello wörld 12 <s> 🙂 ﬁ", addSpecialTokens: true);
            Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
            tokenizer.Decode(ids, skipSpecialTokens: false);
        }
        catch (BadInputException refused)
        {
            Assert.DoesNotContain('\n', refused.Message);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostMemory);
    }
}
