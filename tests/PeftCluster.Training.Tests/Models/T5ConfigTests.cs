using PeftCluster.Jobs;
using PeftCluster.Training.Models;
using PeftCluster.Training.Models.T5;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Models;

/// <summary>What config.json says of a T5, what the files beside it add, and T5's sense of distance.</summary>
public sealed class T5ConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Missing_keys_take_the_defaults_of_transformers()
    {
        var t5 = Load("{\"model_type\":\"t5\"}");
        Assert.Equal((32128, 512, 6, 6, 8, 64, 2048), (t5.VocabularySize, t5.HiddenSize, t5.Layers, t5.DecoderLayers, t5.Heads, t5.HeadSize, t5.IntermediateSize));
        Assert.Equal((false, Activation.Relu, true, true, 32, 128, 0), (t5.Gated, t5.Activation, t5.TiedHead, t5.ScaledHead, t5.Buckets, t5.FarthestPlace, t5.StartToken));
        var mt5 = Load("{\"model_type\":\"mt5\"}");
        Assert.Equal((250112, 8, 6, 1024), (mt5.VocabularySize, mt5.Layers, mt5.Heads, mt5.IntermediateSize));
        Assert.Equal((true, Activation.GeluTanh, false, false), (mt5.Gated, mt5.Activation, mt5.TiedHead, mt5.ScaledHead));
        Assert.Equal(60_506_624, t5.Parameters); // t5-small
    }

    [Theory]
    [InlineData("", false, true, true)]
    [InlineData(",\"tie_word_embeddings\":false", false, false, false)] // as T5 v1.1 was published
    [InlineData(",\"tie_word_embeddings\":true,\"scale_decoder_outputs\":false", false, true, false)] // as newer transformers save it
    [InlineData(",\"tie_word_embeddings\":true,\"scale_decoder_outputs\":false", true, false, false)]
    [InlineData("", true, false, true)]
    public Task The_head_is_the_one_in_the_files_and_scaling_is_told_by_the_configuration(string more, bool headInFiles, bool tied, bool scaled) => OnDevice.Run(() =>
    {
        var names = headInFiles ? new[] { "shared.weight", "lm_head.weight" } : ["shared.weight"];
        TinyLlama.WriteFile(_folder.File("model.safetensors"), names.ToDictionary(name => name, _ => zeros(2, 2)));
        var config = Load("{\"model_type\":\"t5\"" + more + "}");
        Assert.Equal((tied, scaled), (config.TiedHead, config.ScaledHead));
        Assert.Equal(!tied, config.Weights.ContainsKey("lm_head.weight"));
    });

    [Theory]
    [InlineData("\"feed_forward_proj\":\"gated-tanh\"", "config.json: feed_forward_proj \"gated-tanh\" is not supported; known are relu, gelu, gelu_new, silu, gated-gelu, gated-relu, gated-silu.")]
    [InlineData("\"relative_attention_num_buckets\":7", "config.json: relative_attention_num_buckets: 7 is not an even number from 4.")]
    [InlineData("\"relative_attention_max_distance\":16", "config.json: relative_attention_max_distance: 16 must be above half of relative_attention_num_buckets, 32.")]
    [InlineData("\"decoder_start_token_id\":99999", "config.json: decoder_start_token_id: 99999 is none of 32128 tokens.")]
    [InlineData("\"quantization_config\":{}", "config.json: quantization_config is not supported; only float32, bfloat16 and float16 weights are.")]
    public void What_is_not_computed_is_refused_in_one_line(string key, string line) =>
        Assert.Equal(_folder.File(line), Assert.Throws<BadInputException>(() => Load("{\"model_type\":\"t5\"," + key + "}")).Message);

    // Worked out by hand from the paper's rule: exact to 8 (both ways) or 16 (one way), then ⌊8 + 8 · ln(d ÷ 8) ÷ ln 16⌋ or ⌊16 + 16 · ln(d ÷ 16) ÷ ln 8⌋.
    [Theory]
    [InlineData(true, new long[] { 0, -1, -7, -8, -12, -16, -63, -128, -5000 }, new long[] { 0, 1, 7, 8, 9, 10, 13, 15, 15 })]
    [InlineData(true, new long[] { 1, 7, 8, 12, 128, 5000 }, new long[] { 17, 23, 24, 25, 31, 31 })]
    [InlineData(false, new long[] { 5, 0, -1, -15, -16, -20, -64, -127, -128, -5000 }, new long[] { 0, 0, 1, 15, 16, 17, 26, 31, 31, 31 })]
    public Task Distances_share_buckets_that_widen(bool bothWays, long[] distances, long[] buckets) => OnDevice.Run(() =>
        Assert.Equal(buckets, RelativeBias.Buckets(tensor(distances), 32, bothWays, 128).data<long>().ToArray()));

    private T5Config Load(string json)
    {
        File.WriteAllText(_folder.File("config.json"), json);
        return Assert.IsType<T5Config>(ModelConfigFile.Load(_folder.Path));
    }
}
