using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.PromptTuning;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Prompts;

/// <summary>Sizes, starts and the two vectors of methods that put something before each text.</summary>
public sealed class PromptPlanTests
{
    // Llama 3.2 3B, from PEFT's own benchmark.
    [Fact]
    public void Trained_numbers_of_published_shapes_are_those_of_PEFT()
    {
        var model = TinyLlama.Config with { Layers = 28, HiddenSize = 3072, IntermediateSize = 8192, Heads = 24, KeyHeads = 8, HeadSize = 128, VocabularySize = 128_256 };
        Assert.Equal(2_867_200, AdapterPlan.Of(new PrefixTuningSpec { NumVirtualTokens = 50 }, model).Layout.Parameters);
        Assert.Equal(28_382_208, AdapterPlan.Of(new PTuningSpec { NumVirtualTokens = 20 }, model).Layout.Parameters);
        Assert.Equal(61_440, AdapterPlan.Of(new PromptTuningSpec { NumVirtualTokens = 20 }, model).Layout.Parameters);
    }

    [Fact]
    public Task A_sampled_prompt_starts_from_rows_of_the_embedding() => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var rows = Rows(weights["model.embed_tokens.weight"]);
        var (one, again, other) = (Start(new PromptTuningSpec(), 7, weights), Start(new PromptTuningSpec(), 7, weights), Start(new PromptTuningSpec(), 8, weights));
        Assert.All(one, row => Assert.Contains(row, rows));
        Assert.True(one.Distinct().Count() > 5, "always the same token");
        Assert.Equal(one, again);
        Assert.NotEqual(one, other);
    });

    [Fact]
    public Task A_text_is_repeated_and_cut_to_the_virtual_tokens() => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var rows = Rows(weights["model.embed_tokens.weight"]);
        var spec = new PromptTuningSpec { NumVirtualTokens = 5, PromptTuningInit = PromptTuningInit.Text, PromptTuningInitText = "a" };
        Assert.Equal([rows[7], rows[3], rows[7], rows[3], rows[7]], Start(spec with { StartTokens = [7, 3] }, 1, weights));
        Assert.Equal([rows[1], rows[2], rows[3], rows[4], rows[5]], Start(spec with { StartTokens = [1, 2, 3, 4, 5, 6] }, 1, weights));
        Assert.Contains("gives id 64", Assert.Throws<BadInputException>(() => Start(spec with { StartTokens = [64] }, 1, weights)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public Task A_text_becomes_tokens_with_the_frame_of_the_tokenizer() => OnDevice.Run(() =>
    {
        using var folder = new TemporaryFolder();
        TextModel.Write(folder.Path);
        var spec = new PromptTuningSpec { PromptTuningInit = PromptTuningInit.Text, PromptTuningInitText = "ab" };
        Assert.Equal([TextModel.Bos, .. TextModel.IdsOf("ab")], Assert.IsType<PromptTuningSpec>(StartText.Resolved(spec, folder.Path)).StartTokens!);
        Assert.Null(Assert.IsType<PromptTuningSpec>(StartText.Resolved(new PromptTuningSpec(), folder.Path)).StartTokens);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_prefix_starts_normal_or_zero(bool zero) => OnDevice.Run(() =>
    {
        var plan = AdapterPlan.Of(new PrefixTuningSpec { NumVirtualTokens = 50, InitWeights = zero ? PrefixInit.Zero : PrefixInit.Normal }, TinyLlama.Config);
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, 3, name => throw new InvalidOperationException(name));
        Assert.InRange(vector.Average(value => value * value), zero ? 0 : 0.9, zero ? 0 : 1.1);
    });

    [Theory]
    [MemberData(nameof(Encoded))]
    public Task What_the_file_holds_computes_what_the_encoder_does(PromptSpec spec) => OnDevice.Run(() =>
    {
        using var noGraph = no_grad();
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var (training, finished) = (AdapterPlan.Of(spec, TinyLlama.Config), AdapterPlan.Of(spec with { IsFinished = true }, TinyLlama.Config));
        var vector = new float[training.Layout.Length];
        training.Initialise(vector, 11, name => weights[name]);
        var exported = training.Exported(vector, default);
        Assert.Equal(finished.Layout.Hash, exported.Layout.Hash);
        Assert.NotEqual(training.Layout.Hash, exported.Layout.Hash);
        var ids = arange(12).view(1, 12);
        GoldenFiles.Close(Hidden(training, vector, weights, ids), Hidden(finished, exported.Vector.ToArray(), weights, ids), 1e-6, spec.Type);
    });

    public static TheoryData<PromptSpec> Encoded => [new PTuningSpec { NumVirtualTokens = 3 }, new PrefixTuningSpec { NumVirtualTokens = 3, PrefixProjection = true }];

    private static Tensor Hidden(AdapterPlan plan, float[] vector, Dictionary<string, Tensor> weights, Tensor ids)
    {
        using var adapted = new AdaptedModel(TinyLlama.Config, name => weights[name], plan);
        adapted.Vector.Load(vector);
        return ((Decoder)adapted.Model).Hidden(ids);
    }

    private static string[] Start(PromptTuningSpec spec, long seed, Dictionary<string, Tensor> weights)
    {
        var plan = AdapterPlan.Of(spec, TinyLlama.Config);
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, seed, name => weights[name]);
        return Rows(GoldenCase.Of(plan.Layout.Slices[0], vector));
    }

    private static string[] Rows(Tensor table) => [.. table.data<float>().ToArray().Chunk((int)table.shape[1]).Select(row => string.Join(' ', row))];
}
