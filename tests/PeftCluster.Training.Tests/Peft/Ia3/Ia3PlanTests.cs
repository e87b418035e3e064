using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Ia3;

/// <summary>Targets, shapes, first version and sizes of IA3.</summary>
public sealed class Ia3PlanTests
{
    [Fact]
    public void Keys_and_shapes_are_those_of_PEFT_in_the_order_of_the_modules()
    {
        var layout = Plan(new Ia3Spec()).Layout;
        Assert.Equal(
            ["base_model.model.model.layers.0.self_attn.k_proj.ia3_l", "base_model.model.model.layers.0.self_attn.v_proj.ia3_l", "base_model.model.model.layers.0.mlp.down_proj.ia3_l"],
            layout.Slices.Take(3).Select(slice => slice.Key));
        Assert.Equal([[16L, 1], [16L, 1], [1L, 44]], layout.Slices.Take(3).Select(slice => slice.Shape));
        Assert.Equal(6, layout.Slices.Count);
    }

    [Fact]
    public void Version_0_is_ones_and_zero_padding_or_normal_where_asked()
    {
        var plan = Plan(new Ia3Spec());
        var ones = new float[plan.Layout.Length];
        Array.Fill(ones, 9);
        plan.Initialise(ones, 7, NoWeights);
        Assert.Equal(plan.Layout.Parameters, ones.Count(value => value == 1));
        Assert.Equal(plan.Layout.Length - plan.Layout.Parameters, ones.Count(value => value == 0));
        var random = Plan(new Ia3Spec { InitIa3Weights = false });
        var (first, other) = (new float[ones.Length], new float[ones.Length]);
        random.Initialise(first, 7, NoWeights);
        random.Initialise(other, 8, NoWeights);
        Assert.NotEqual(first, other);
        Assert.InRange(first.Sum(value => value * value) / plan.Layout.Parameters, 0.5, 1.6);
    }

    [Fact]
    public void Names_that_the_model_lacks_are_refused_in_one_line()
    {
        Assert.StartsWith("method.target_modules: no module of this model is named \"key\". It has: q_proj,", Refusal(new Ia3Spec { TargetModules = ["key"] }), StringComparison.Ordinal);
        Assert.Equal("method.feedforward_modules: no target module of this model is named \"wo\". Targets: k_proj, v_proj, down_proj.", Refusal(new Ia3Spec { FeedforwardModules = ["wo"] }));
    }

    [Fact]
    public void Excluded_modules_get_no_vector() => Assert.Equal(
        ["base_model.model.model.layers.0.mlp.down_proj.ia3_l", "base_model.model.model.layers.0.self_attn.v_proj.ia3_l", "base_model.model.model.layers.1.mlp.down_proj.ia3_l"],
        Plan(new Ia3Spec { ExcludeModules = ["k_proj", "layers.1.self_attn.v_proj"] }).Layout.Slices.Select(slice => slice.Key).Order(StringComparer.Ordinal));

    [Fact]
    public Task Nothing_is_learnt_below_the_lowest_vector_and_no_frozen_weight_has_a_gradient() => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        using var adapted = new AdaptedModel(TinyLlama.Config, name => weights[name], Plan(new Ia3Spec { TargetModules = ["layers.1.self_attn.v_proj"] }));
        var version = new float[adapted.Vector.Layout.Length];
        Array.Fill(version, 1);
        adapted.Vector.Load(version);
        ((Decoder)adapted.Model).Hidden(arange(8).view(1, 8)).sum().backward();
        Assert.All(weights.Values, weight => Assert.Null(weight.grad));
        var gradient = new float[version.Length];
        adapted.Vector.CopyGradient(gradient);
        Assert.Contains(gradient, value => value != 0);
        adapted.Vector.CheckViews();
    });

    private static Tensor NoWeights(string name) => throw new InvalidOperationException(name);

    private static AdapterPlan Plan(Ia3Spec spec) => AdapterPlan.Of(spec, TinyLlama.Config);

    private static string Refusal(Ia3Spec spec) => Assert.Throws<BadInputException>(() => Plan(spec)).Message;
}
