using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Lora;

/// <summary>LoRA of an embedding, rows of single tokens, and the rates of LoRA+.</summary>
public sealed class LoraEmbeddingGoldenTests
{
    public static TheoryData<string> WithGroups => [.. GoldenFiles.Adapters.Where(folder => File.Exists(Path.Combine(folder, "groups.json")))];

    [Theory]
    [MemberData(nameof(WithGroups))]
    public Task Rates_and_decay_are_those_of_PEFTs_LoRA_plus(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var groups = LoraPlus.Groups(folder);
        Assert.Equal(groups.Count, golden.Plan.Layout.Slices.Count);
        foreach (var (key, rate, decay) in groups)
        {
            var group = golden.Plan.Layout[key].Group;
            Assert.Equal(rate, golden.LearningRate * group.LearningRateFactor, rate * 1e-9);
            Assert.Equal(decay > 0, group.WeightDecays);
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task The_adapted_model_starts_as_the_base(bool tokens) => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var plan = AdapterPlan.Of(tokens ? new LoraSpec { TrainableTokenIndices = [5, 2] } : new LoraSpec { TargetModules = ["embed_tokens"] }, TinyLlama.Config);
        var start = new float[plan.Layout.Length];
        plan.Initialise(start, 7, name => weights[name]);
        using var adapted = new AdaptedModel(TinyLlama.Config, name => weights[name], plan);
        adapted.Vector.Load(start);
        var ids = arange(8).view(1, 8);
        GoldenFiles.Close(((Decoder)TinyLlama.Config.Build(name => weights[name])).Hidden(ids), ((Decoder)adapted.Model).Hidden(ids), 1e-6, "hidden states");
    });

    [Fact]
    public void What_a_model_cannot_do_is_refused_in_one_line()
    {
        var tied = TinyLlama.Config with { TiedHead = true };
        Assert.StartsWith("method.trainable_token_indices: 64 is no token of this model, which has 64.", Refusal(new LoraSpec { TrainableTokenIndices = [64] }, TinyLlama.Config), StringComparison.Ordinal);
        Assert.StartsWith("method.trainable_token_indices: lm_head, which shares model.embed_tokens in this model, is trained in another way too.", Refusal(new LoraSpec { TrainableTokenIndices = [3], TargetModules = ["lm_head"] }, tied), StringComparison.Ordinal);
        Assert.StartsWith("method.trainable_token_indices: model.embed_tokens is trained in another way too.", Refusal(new LoraSpec { TrainableTokenIndices = [3], TargetModules = ["embed_tokens"] }, TinyLlama.Config), StringComparison.Ordinal);
        Assert.StartsWith("method.target_modules: an embedding, model.embed_tokens, takes plain LoRA only.", Refusal(new LoraSpec { UseDora = true, TargetModules = ["embed_tokens"] }, TinyLlama.Config), StringComparison.Ordinal);
        Assert.False(AdapterPlan.Of(new LoraSpec { TargetModules = ["embed_tokens"] }, tied).CanMerge);
    }

    private static string Refusal(LoraSpec spec, ModelConfig model) => Assert.Throws<BadInputException>(() => AdapterPlan.Of(spec, model)).Message;
}
