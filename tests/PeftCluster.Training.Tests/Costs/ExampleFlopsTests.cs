using CsCheck;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Costs;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Peft;

namespace PeftCluster.Training.Tests.Costs;

/// <summary>Operations of an example, by the parts that its tokens pass and gradients flow back through.</summary>
public sealed class ExampleFlopsTests
{
    private static readonly ModelParts TwoStacks = new() { Encoder = 100, OfSource = 10, Decoder = 200, Head = 50 };
    private static readonly ModelParts OneStack = new() { Decoder = 200, Head = 50 };

    private static readonly Gen<ExampleTokens> Tokens = Gen.Select(Gen.Double[0, 500], Gen.Double[1, 50], Gen.Double[0, 4000], (source, target, shots) => new ExampleTokens(source, target, shots));

    [Fact]
    public void The_source_passes_the_encoder_and_the_target_the_decoder() =>
        Assert.Equal(2 * (7 * (100 + 10) + 3 * (200 + 50)), ExampleFlops.OfInference(TwoStacks, new ExampleTokens(Source: 4, Target: 3, Shots: 3)));

    [Fact]
    public void All_tokens_pass_the_only_stack_and_the_target_the_head() =>
        Assert.Equal(2 * (10 * 200 + 3 * 50), ExampleFlops.OfInference(OneStack, new ExampleTokens(Source: 4, Target: 3, Shots: 3)));

    [Fact]
    public void Training_takes_three_times_as_much() => Tokens.Sample(tokens =>
        Near(3 * ExampleFlops.OfInference(TwoStacks, tokens), ExampleFlops.OfTraining(TwoStacks, tokens)) && Near(3 * ExampleFlops.OfInference(OneStack, tokens), ExampleFlops.OfTraining(OneStack, tokens)));

    [Fact]
    public void An_encoder_that_no_gradient_reaches_computes_forward_only() => Assert.Equal(
        2 * 4 * 100 + 6 * (4 * 10 + 3 * (200 + 50)), ExampleFlops.OfTraining(TwoStacks, new ExampleTokens(Source: 4, Target: 3), reachesEncoder: false));

    [Fact]
    public void Shots_in_a_cache_are_paid_once() => Tokens.Sample(tokens => Near(
        ExampleFlops.OfInference(OneStack, tokens), ExampleFlops.OfInference(OneStack, tokens, shotsAreCached: true) + ExampleFlops.OfShots(OneStack, tokens)));

    [Fact]
    public void An_encoder_has_nothing_of_its_shots_to_cache()
    {
        var tokens = new ExampleTokens(4, 3, 3);
        Assert.Throws<ArgumentException>(() => ExampleFlops.OfInference(TwoStacks, tokens, shotsAreCached: true));
        Assert.Throws<ArgumentException>(() => ExampleFlops.OfShots(TwoStacks, tokens));
    }

    [Fact]
    public void Gradients_reach_the_encoder_where_something_of_it_is_trained()
    {
        var t0 = PublishedShapes.Of("t0-3b");
        bool Reaches(MethodSpec method) => GradientReach.ReachesEncoder(AdapterPlan.Of(method, t0));
        Assert.True(Reaches(new Ia3Spec()));
        Assert.True(Reaches(new LoraSpec()));
        Assert.True(Reaches(new PromptTuningSpec { NumVirtualTokens = 10 }));
        Assert.True(Reaches(new PTuningSpec { NumVirtualTokens = 10 }));
        Assert.False(Reaches(new LoraSpec { TargetModules = ["EncDecAttention.q", "EncDecAttention.v"] }));
        Assert.False(Reaches(new LoraSpec { TargetModules = ["lm_head"] }));
        Assert.False(Reaches(new PrefixTuningSpec { NumVirtualTokens = 10 }));
    }

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) <= 1e-9 * expected;
}
