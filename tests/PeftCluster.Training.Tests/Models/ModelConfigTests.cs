using PeftCluster.Jobs;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Tests.Models;

/// <summary>What config.json may say, and each refusal with its line.</summary>
public sealed class ModelConfigTests : IDisposable
{
    private const string Least = "\"model_type\":\"llama\",\"vocab_size\":64,\"hidden_size\":32,\"num_hidden_layers\":1,\"num_attention_heads\":4,\"intermediate_size\":48";
    private readonly string _folder = Directory.CreateTempSubdirectory("peftcluster-config-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Missing_keys_take_the_defaults_of_transformers()
    {
        var config = Assert.IsType<LlamaConfig>(Load($"{{{Least}}}"));
        Assert.Equal((4, 8, 1e-6, 10_000.0, false), (config.KeyHeads, config.HeadSize, config.NormEpsilon, config.RopeTheta, config.TiedHead));
        Assert.Equal(64 * 32 * 2 + 32 * 3 + 4 * 32 * 32 + 3 * 32 * 48, config.Parameters);
        Assert.Equal("lm_head", config.Linears[^1].Path);
    }

    [Theory]
    [InlineData(",\"rope_theta\":5e5", 5e5)]
    [InlineData(",\"rope_parameters\":{\"rope_theta\":7e4,\"rope_type\":\"default\"}", 7e4)]
    [InlineData(",\"rope_theta\":5e5,\"rope_scaling\":null", 5e5)]
    public void The_rotary_base_is_read_from_both_layouts(string more, double theta) =>
        Assert.Equal(theta, Assert.IsType<LlamaConfig>(Load($"{{{Least}{more}}}")).RopeTheta);

    [Fact]
    public void A_tied_head_has_no_weight_of_its_own()
    {
        var config = Load($"{{{Least},\"tie_word_embeddings\":true}}");
        Assert.DoesNotContain("lm_head.weight", config.Weights.Keys);
        Assert.DoesNotContain(config.Linears, linear => linear.Path == "lm_head");
    }

    [Theory]
    [InlineData("[]", "config.json: must hold a JSON object.")]
    [InlineData("{\n\"model_type\": }", "config.json:2: not valid JSON. Download or write the file again.")]
    [InlineData("{}", "config.json: model_type \"\" is not supported. Known: llama.")]
    [InlineData("{\"model_type\":\"mistral\"}", "config.json: model_type \"mistral\" is not supported. Known: llama.")]
    [InlineData("{\"model_type\":\"llama\"}", "config.json: num_attention_heads is missing.")]
    [InlineData("{" + Least + ",\"head_dim\":7}", "config.json: head_dim: 7 is odd; rotary places need pairs.")]
    [InlineData("{" + Least + ",\"head_dim\":-8}", "config.json: head_dim: -8 is not a whole number above 0.")]
    [InlineData("{" + Least + ",\"num_key_value_heads\":3}", "config.json: num_attention_heads: 4 is not a multiple of num_key_value_heads, 3.")]
    [InlineData("{" + Least + ",\"rope_scaling\":{\"rope_type\":\"llama3\"}}", "config.json: rope_scaling of type \"llama3\" is not supported; only the default one is.")]
    [InlineData("{" + Least + ",\"rope_scaling\":{\"type\":\"linear\"}}", "config.json: rope_scaling of type \"linear\" is not supported; only the default one is.")]
    [InlineData("{" + Least + ",\"attention_bias\":true}", "config.json: attention_bias: true is not supported; only layers without a bias are.")]
    [InlineData("{" + Least + ",\"mlp_bias\":true}", "config.json: mlp_bias: true is not supported; only layers without a bias are.")]
    [InlineData("{" + Least + ",\"hidden_act\":\"gelu\"}", "config.json: hidden_act \"gelu\" is not supported; only silu is.")]
    [InlineData("{" + Least + ",\"quantization_config\":{}}", "config.json: quantization_config is not supported; only float32, bfloat16 and float16 weights are.")]
    [InlineData("{" + Least + ",\"tie_word_embeddings\":1}", "config.json: tie_word_embeddings: 1 is neither true nor false.")]
    public void What_is_not_computed_is_refused_in_one_line(string json, string line) =>
        Assert.Equal(Path.Combine(_folder, line), Assert.Throws<BadInputException>(() => Load(json)).Message);

    [Fact]
    public void A_missing_folder_or_file_is_named()
    {
        Assert.Contains("config.json is missing.", Assert.Throws<BadInputException>(() => ModelConfigFile.Load(_folder)).Message, StringComparison.Ordinal);
        Assert.Contains("is no folder.", Assert.Throws<BadInputException>(() => ModelConfigFile.Load(Path.Combine(_folder, "none"))).Message, StringComparison.Ordinal);
    }

    private ModelConfig Load(string json)
    {
        File.WriteAllText(Path.Combine(_folder, "config.json"), json);
        return ModelConfigFile.Load(_folder);
    }
}
