using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Lora;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Lora;

/// <summary>Starts out of the base's weight that no golden case has: approximated ones, other scales, ranks that do not fit.</summary>
public sealed class BaseStartTests
{
    [Fact]
    public Task Rounds_of_power_iteration_come_near_to_the_largest_directions_and_are_the_same_every_time() => OnDevice.Run(() =>
    {
        var weight = randn([40, 60], generator: new Generator(3));
        Tensor Product(string kind)
        {
            var (a, b) = BaseStart.Of(kind, weight, 4, 2);
            Assert.Equal([4L, 60], a.shape);
            Assert.Equal([40L, 4], b.shape);
            return b.mm(a) * 2;
        }
        var exact = Product("pissa");
        var (near, far) = (Product("pissa_niter_40"), Product("pissa_niter_1"));
        Assert.True((near - exact).norm().item<float>() < 0.02f * exact.norm().item<float>());
        Assert.True((far - exact).norm().item<float>() > (near - exact).norm().item<float>());
        Assert.Equal(near.data<float>().ToArray(), Product("pissa_niter_40").data<float>().ToArray());
    });

    [Theory]
    [InlineData("pissa", false)]
    [InlineData("olora", true)]
    [InlineData("pissa_niter_4", false)]
    public Task What_is_exported_computes_as_what_was_trained(string kind, bool rankStabilised) => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var spec = new LoraSpec { R = 3, UseRslora = rankStabilised, InitLoraWeights = kind, RankPattern = [new("v_proj", 2)], AlphaPattern = [new("q_proj", 5)] };
        var plan = AdapterPlan.Of(spec, TinyLlama.Config);
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, 7, name => weights[name]);
        for (var index = 0; index < vector.Length; index++)
            vector[index] += MathF.Sin(index) * 0.05f;
        var exported = plan.Exported(vector, plan.MakeFrozen(name => weights[name]));
        var ids = arange(8).view(1, 8);
        using var trained = Adapted(plan, vector);
        using var plain = Adapted(AdapterPlan.Of(exported.Method, TinyLlama.Config), exported.Vector.ToArray());
        using var merged = plan.Merge(name => weights[name], vector);
        GoldenFiles.Close(((Decoder)trained.Model).Hidden(ids), ((Decoder)plain.Model).Hidden(ids), 1e-5, "exported");
        GoldenFiles.Close(((Decoder)trained.Model).Hidden(ids), TinyLlama.Config.Build(name => merged[name]).Hidden(ids), 1e-4, "merged");

        AdaptedModel Adapted(AdapterPlan plan, float[] vector)
        {
            var adapted = new AdaptedModel(TinyLlama.Config, name => weights[name], plan);
            adapted.Vector.Load(vector);
            return adapted;
        }
    });

    [Fact]
    public void A_rank_above_a_layers_smaller_side_is_refused() => Assert.StartsWith(
        "method.r: 20 is above what init_lora_weights: pissa finds in model.layers.0.self_attn.v_proj, 16.",
        Assert.Throws<BadInputException>(() => AdapterPlan.Of(new LoraSpec { R = 20, InitLoraWeights = "pissa" }, TinyLlama.Config)).Message, StringComparison.Ordinal);

    [Fact]
    public void LoRA_plus_lets_B_learn_faster_and_lengths_too()
    {
        var plan = AdapterPlan.Of(new LoraSpec { LoraplusLrRatio = 16, UseDora = true }, TinyLlama.Config);
        Assert.Equal([1.0, 16, 16], plan.Layout.Slices.Take(3).Select(slice => slice.Group.LearningRateFactor));
        Assert.Equal("DoRA+ r 8 on q_proj, v_proj", plan.Summary);
    }

    [Fact]
    public void A_gaussian_start_has_the_deviation_1_by_r()
    {
        var plan = AdapterPlan.Of(new LoraSpec { R = 64, InitLoraWeights = "gaussian" }, TinyLlama.Config);
        var start = new float[plan.Layout.Length];
        plan.Initialise(start, 7, name => throw new InvalidOperationException(name));
        var a = plan.Layout.Slices[0];
        Assert.InRange(start[a.Offset..(a.Offset + a.Length)].Average(value => value * value) * 64 * 64, 0.9, 1.1);
        Assert.All(start[plan.Layout.Slices[1].Offset..plan.Layout.Slices[2].Offset], value => Assert.Equal(0, value));
    }
}
