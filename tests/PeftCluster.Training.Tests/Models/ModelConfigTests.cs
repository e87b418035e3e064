using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Tests.Models;

/// <summary>What config.json may say, and each refusal with its line.</summary>
public sealed class ModelConfigTests : IDisposable
{
    private const string Least = "\"model_type\":\"llama\",\"vocab_size\":64,\"hidden_size\":32,\"num_hidden_layers\":1,\"num_attention_heads\":4,\"intermediate_size\":48";
    private const string Gemma2 = "{\"model_type\":\"gemma2\",\"vocab_size\":64,\"hidden_size\":32,\"num_hidden_layers\":1,\"num_attention_heads\":4,\"intermediate_size\":48";
    private readonly string _folder = Directory.CreateTempSubdirectory("peftcluster-config-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Missing_keys_take_the_defaults_of_transformers()
    {
        var config = Assert.IsType<DecoderConfig>(Load($"{{{Least}}}"));
        Assert.Equal((4, 8, 1e-6, 10_000.0, false), (config.KeyHeads, config.HeadSize, config.NormEpsilon, config.Rope!.Theta, config.TiedHead));
        Assert.Equal(64 * 32 * 2 + 32 * 3 + 4 * 32 * 32 + 3 * 32 * 48, config.Parameters);
        Assert.Equal("lm_head", config.Linears[^1].Path);
    }

    [Theory]
    [InlineData(",\"rope_theta\":5e5", 5e5)]
    [InlineData(",\"rope_parameters\":{\"rope_theta\":7e4,\"rope_type\":\"default\"}", 7e4)]
    [InlineData(",\"rope_theta\":5e5,\"rope_scaling\":null", 5e5)]
    public void The_rotary_base_is_read_from_both_layouts(string more, double theta) =>
        Assert.Equal(theta, Assert.IsType<DecoderConfig>(Load($"{{{Least}{more}}}")).Rope!.Theta);

    [Fact]
    public void A_tied_head_has_no_weight_of_its_own()
    {
        var config = Load($"{{{Least},\"tie_word_embeddings\":true}}");
        Assert.DoesNotContain("lm_head.weight", config.Weights.Keys);
        Assert.DoesNotContain(config.Linears, linear => linear.Path == "lm_head");
    }

    [Fact]
    public void Llamas_biases_are_weights_where_they_are_configured()
    {
        var config = Load($"{{{Least},\"attention_bias\":true,\"mlp_bias\":true}}");
        Assert.Equal(["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"],
            config.Weights.Keys.Where(name => name.EndsWith(".bias", StringComparison.Ordinal)).Select(name => name.Split('.')[^2]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("", 4096)]
    [InlineData(",\"sliding_window\":null", null)]
    [InlineData(",\"sliding_window\":6", 6)]
    public void A_missing_window_takes_mistrals_default_and_null_means_none(string more, int? window) =>
        Assert.Equal([window], Assert.IsType<DecoderConfig>(Load($"{{{Least.Replace("llama", "mistral", StringComparison.Ordinal)},\"num_key_value_heads\":2{more}}}")).Windows);

    [Fact]
    public void Qwens_window_begins_at_its_layer_and_holds_only_where_it_is_used()
    {
        var least = Least.Replace("llama", "qwen2", StringComparison.Ordinal).Replace("\"num_hidden_layers\":1", "\"num_hidden_layers\":3", StringComparison.Ordinal);
        const string Window = ",\"num_key_value_heads\":2,\"sliding_window\":5,\"max_window_layers\":2";
        Assert.Equal([null, null, null], Assert.IsType<DecoderConfig>(Load($"{{{least}{Window}}}")).Windows);
        Assert.Equal([null, null, 5], Assert.IsType<DecoderConfig>(Load($"{{{least}{Window},\"use_sliding_window\":true}}")).Windows);
    }

    [Fact]
    public void Gemma2_takes_the_defaults_of_transformers()
    {
        var config = Assert.IsType<DecoderConfig>(Load(Gemma2 + "}"));
        Assert.Equal((256, 1.0 / 16, 50.0, 30.0, true), (config.HeadSize, config.AttentionScale, config.AttentionCap, config.LogitCap, config.TiedHead));
        Assert.Equal([4096], config.Windows);
    }

    [Fact]
    public void A_config_of_gpt2_that_says_nothing_is_the_small_published_one()
    {
        var config = Assert.IsType<DecoderConfig>(Load("{\"model_type\":\"gpt2\",\"resid_pdrop\":0.1}"));
        Assert.Equal(124_439_808, config.Parameters);
        Assert.Equal(294_912, AdapterPlan.Of(new LoraSpec(), config).Layout.Parameters);
        Assert.Equal(64_512, AdapterPlan.Of(new Ia3Spec(), config).Layout.Parameters);
        Assert.Equal(1, Assert.IsType<DecoderConfig>(Load("{\"model_type\":\"gpt2\",\"scale_attn_weights\":false}")).AttentionScale);
    }

    [Theory]
    [InlineData("", 2, 10_000.0)]
    [InlineData(",\"rotary_pct\":1.0,\"rotary_emb_base\":5e4", 8, 5e4)]
    [InlineData(",\"rope_parameters\":{\"partial_rotary_factor\":0.5,\"rope_theta\":7e4}", 4, 7e4)]
    public void The_rotated_part_of_gpt_neox_is_read_from_both_layouts(string more, int size, double theta)
    {
        var rope = Assert.IsType<DecoderConfig>(Load($"{{{Least.Replace("llama", "gpt_neox", StringComparison.Ordinal)}{more}}}")).Rope!;
        Assert.Equal((size, theta), (rope.Size, rope.Theta));
    }

    [Theory]
    [InlineData("[]", "config.json: must hold a JSON object.")]
    [InlineData("{\n\"model_type\": }", "config.json:2: not valid JSON. Download or write the file again.")]
    [InlineData("{}", "config.json: model_type \"\" is not supported. Known: llama, mistral, qwen2, qwen3, gemma, gemma2, phi3, gpt2, gpt_neox, t5, mt5, bert, roberta.")]
    [InlineData("{\"model_type\":\"mamba\"}", "config.json: model_type \"mamba\" is not supported. Known: llama, mistral, qwen2, qwen3, gemma, gemma2, phi3, gpt2, gpt_neox, t5, mt5, bert, roberta.")]
    [InlineData("{\"model_type\":\"llama\"}", "config.json: num_attention_heads is missing.")]
    [InlineData("{" + Least + ",\"head_dim\":7}", "config.json: head_dim: rotary places need pairs, and the rotated part is 7 of 7.")]
    [InlineData("{" + Least + ",\"head_dim\":-8}", "config.json: head_dim: -8 is not a whole number above 0.")]
    [InlineData("{" + Least + ",\"num_key_value_heads\":3}", "config.json: num_attention_heads: 4 is not a multiple of num_key_value_heads, 3.")]
    [InlineData("{" + Least + ",\"rope_scaling\":{\"rope_type\":\"spiral\"}}", "config.json: rope_scaling of type \"spiral\" is not supported; known are default, linear, dynamic, llama3, yarn, longrope, su.")]
    [InlineData("{" + Least + ",\"rope_scaling\":{\"type\":\"su\",\"short_factor\":[1,1,1,1],\"long_factor\":[1,1,1,0]}}", "config.json: rope_scaling.long_factor: must be 4 numbers above 0, one for each rotated pair.")]
    [InlineData("{" + Least + ",\"head_dim\":2,\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":2}}", "config.json: rope_scaling of type \"dynamic\" with one rotated pair is not supported; it needs two.")]
    [InlineData("{" + Least + ",\"rope_scaling\":{\"type\":\"linear\"}}", "config.json: rope_scaling.factor is missing.")]
    [InlineData("{" + Least + ",\"rope_parameters\":{\"rope_type\":\"llama3\",\"low_freq_factor\":4,\"high_freq_factor\":4}}", "config.json: rope_parameters.high_freq_factor: must be above low_freq_factor.")]
    [InlineData("{" + Least + ",\"hidden_act\":\"relu6\"}", "config.json: hidden_act \"relu6\" is not supported; known are silu, swish, gelu, gelu_pytorch_tanh, gelu_new.")]
    [InlineData("{" + Least + ",\"attention_dropout\":0.1}", "config.json: attention_dropout above 0 is not supported; only an adapter's own dropout is: set it to 0.")]
    [InlineData("{" + Least + ",\"use_bidirectional_attention\":true}", "config.json: use_bidirectional_attention: true is not supported; a token sees only what stands before it.")]
    [InlineData(Gemma2 + ",\"layer_types\":[\"chunked_attention\"]}", "config.json: layer_types \"chunked_attention\" is not supported; only full_attention and sliding_attention are.")]
    [InlineData(Gemma2 + ",\"layer_types\":[]}", "config.json: layer_types: has 0 entries, but num_hidden_layers is 1.")]
    [InlineData(Gemma2 + ",\"sliding_window\":null}", "config.json: sliding_window is missing, and layer_types names sliding_attention.")]
    [InlineData(Gemma2 + ",\"mlp_bias\":true}", "config.json: mlp_bias: true is not supported; this family's layers have none here.")]
    [InlineData("{\"model_type\":\"gpt2\",\"n_head\":7}", "config.json: n_embd: 768 is not a multiple of n_head, 7.")]
    [InlineData("{\"model_type\":\"gpt2\",\"add_cross_attention\":true}", "config.json: add_cross_attention: true is not supported; this family's layers have none here.")]
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
