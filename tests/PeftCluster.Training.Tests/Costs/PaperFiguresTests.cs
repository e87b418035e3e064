using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Costs;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Peft;

namespace PeftCluster.Training.Tests.Costs;

/// <summary>
/// The costs that T-Few's paper states (Liu et al. 2022, arXiv:2205.05638, section 4.2 and table 1), from its own sizes and tokens: 103 tokens of an input with all its
/// choices, 41 shots of 98 tokens, T0 of 11e9 parameters, 1,000 steps of 8 rows. The paper cuts its figures to two digits; they are held within 5 %.
/// </summary>
public sealed class PaperFiguresTests
{
    private const double Steps = 1000;
    private const double Batch = 8;
    private const double Shots = 41 * 98;
    private static readonly ModelParts T0 = ModelParts.OfEncoderDecoder(11e9);

    // The paper does not say how many of the 103 tokens are the choices': the figures hold for any share.
    private static readonly ExampleTokens Query = new(93, 10);

    [Fact]
    public void TFew_answers_with_11e9_times_103() => Near(1.1e12, ExampleFlops.OfInference(T0, Query));

    [Fact]
    public void TFew_trains_with_3_times_11e9_times_1000_times_8_times_103() => Near(2.7e16, Steps * Batch * ExampleFlops.OfTraining(T0, Query));

    [Fact]
    public void Few_shot_prompting_of_T5_reads_all_shots_each_time() => Near(4.5e13, ExampleFlops.OfInference(T0, Query with { Shots = Shots }));

    [Fact]
    public void Few_shot_prompting_of_GPT3_takes_twice_175e9_for_a_token() => Near(1.4e15, ExampleFlops.OfInference(ModelParts.OfDecoder(175e9), Query with { Shots = Shots }));

    [Fact]
    public void Shots_that_are_cached_make_it_about_41_times_cheaper()
    {
        var (gpt3, query) = (ModelParts.OfDecoder(175e9), Query with { Shots = Shots });
        Near(41, ExampleFlops.OfInference(gpt3, query) / ExampleFlops.OfInference(gpt3, query, shotsAreCached: true));
    }

    [Fact]
    public void Training_costs_about_as_much_as_20_answers_of_GPT3() =>
        Near(20, Steps * Batch * ExampleFlops.OfTraining(T0, Query) / ExampleFlops.OfInference(ModelParts.OfDecoder(175e9), Query with { Shots = Shots }), within: 0.06); // 18.9: "about"

    [Theory]
    [InlineData(103, 0)]
    [InlineData(93, 10)]
    [InlineData(50, 53)]
    [InlineData(0, 103)]
    public void The_shapes_of_T0_give_the_same_figures(double source, double target)
    {
        var (parts, tokens) = (ModelParts.Of(PublishedShapes.Of("t0-11b")), new ExampleTokens(source, target));
        Near(1.1e12, ExampleFlops.OfInference(parts, tokens));
        Near(2.7e16, Steps * Batch * ExampleFlops.OfTraining(parts, tokens));
        Near(4.5e13, ExampleFlops.OfInference(parts, tokens with { Shots = Shots }));
    }

    [Theory]
    [InlineData("gpt3-6.7b", 5.4e13)]
    [InlineData("gpt3-13b", 1.0e14)]
    [InlineData("gpt3-175b", 1.4e15)]
    public void The_shapes_of_GPT3_give_the_same_figures(string model, double flops) =>
        Near(flops, ExampleFlops.OfInference(ModelParts.Of(PublishedShapes.Of(model)), Query with { Shots = Shots }));

    [Fact]
    public void An_adapter_takes_4_MB_and_shots_take_16_kB()
    {
        var tFew = StorageBytes.OfAdapter(AdapterPlan.Of(new Ia3Spec(), PublishedShapes.Of("t0-11b")).Layout);
        Assert.Equal(4 * 1_081_344, tFew);
        Near(4.2e6, tFew);
        Near(16e3, StorageBytes.OfShots(Query with { Shots = Shots }));
    }

    private static void Near(double paper, double counted, double within = 0.05) => Assert.InRange(counted / paper, 1 - within, 1 + within);
}
