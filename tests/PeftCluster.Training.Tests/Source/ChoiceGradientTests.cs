using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Peft;

namespace PeftCluster.Training.Tests.Source;

/// <summary>A step's gradient of rows with answer choices: PyTorch's, however it is cut into micro-batches; and for every method what autograd makes of each choice alone.</summary>
public sealed class ChoiceGradientTests
{
    private static readonly ChoiceLossSpec Default = new(), None = new() { LanguageModel = 0, Unlikelihood = 0, LengthNormalised = 0 };

    private static readonly int[] All = [0, 1, 2, 3, 4, 5];

    public static TheoryData<string, MethodSpec> Methods => new(
        from model in new[] { "models/t5", "models/t5-v1_1", "models/llama" }
        from method in new MethodSpec[]
        {
            new Ia3Spec(), new LoraSpec { R = 2, TargetModules = ["all-linear"] }, new LoraSpec { R = 2, UseDora = true }, new LohaSpec { R = 2 }, new LokrSpec { R = 2 }, new VeraSpec { R = 4 }, new FullSpec(),
            new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn, ReductionFactor = 4 }, new PromptTuningSpec { NumVirtualTokens = 3 }, new PTuningSpec { NumVirtualTokens = 3, EncoderHiddenSize = 12 },
            new PrefixTuningSpec { NumVirtualTokens = 3 }, new TrainableTokensSpec { TokenIndices = [3, 4, 5, 6, 7, 8, 9, 10] },
        }
        select (model, method));

    public static TheoryData<string> Cuts => ["0 1 2 3", "0|1|2|3", "3 0|2 1", "2|3 1 0", "|0 1 2|3"];

    [Theory, MemberData(nameof(Cuts))]
    public Task A_steps_gradient_is_the_golden_one_however_it_is_cut(string cut) => OnDevice.Run(() =>
    {
        var folder = PeftCluster.Tests.GoldenFolder.Of("models", "t5-v1_1");
        var expected = GoldenFiles.Read(folder, "t-few.safetensors");
        using var micro = ChoiceMicro.OfGolden(folder, expected);
        var parts = cut.Split('|').Select(part => part.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(row => row[0] - '0').Where(row => row < micro.Counts.Examples).ToArray());
        var leaves = parts.Select(part => micro.Compute(part)).ToList();
        var gradient = Sum([.. leaves.Select(leaf => leaf.Gradient)]);
        foreach (var slice in micro.Plan.Layout.Slices)
            GoldenFiles.Close(expected[$"grad.{slice.Key}"], GoldenCase.Of(slice, gradient), 1e-4, slice.Key);
        Assert.Equal(expected["lm_loss"].item<float>(), leaves.Sum(leaf => leaf.Result.LossSum) / micro.Counts.RightTokens, 1e-5);
        Assert.Equal(expected["unlikelihood_loss_eps"].item<float>(), leaves.Sum(leaf => leaf.Result.Choices!.Unlikelihood) / micro.Counts.WrongTokens, 1e-5);
        Assert.Equal(expected["length_normalised_loss"].item<float>(), leaves.Sum(leaf => leaf.Result.Choices!.LengthNormalised) / micro.Counts.Examples, 1e-5);
        Assert.Equal(micro.Counts.RightTokens, leaves.Sum(leaf => leaf.Result.Labels));
    });

    [Theory, MemberData(nameof(Methods))]
    public Task Every_method_learns_what_autograd_makes_of_each_choice_alone(string model, MethodSpec method) => OnDevice.Run(() =>
    {
        using var micro = ChoiceMicro.Of(model, method);
        var losses = new ChoiceLossSpec { LanguageModel = 0.5, Unlikelihood = 2 };
        var due = micro.Autograd(losses);
        Assert.Contains(due, value => value != 0);
        Close(due, Sum(micro.Compute([4, 1, 0], losses).Gradient, micro.Compute([2, 3], losses).Gradient, micro.Compute([5], losses, grouped: true).Gradient));
    });

    [Theory]
    [InlineData("models/t5-v1_1")]
    [InlineData("models/llama")]
    public Task Each_loss_adds_its_own_gradient_and_a_weight_changes_no_value(string model) => OnDevice.Run(() =>
    {
        using var micro = ChoiceMicro.Of(model, new Ia3Spec());
        var (result, total) = micro.Compute(All);
        ChoiceLossSpec[] alone = [None with { LanguageModel = 1 }, None with { Unlikelihood = 1 }, None with { LengthNormalised = 1 }];
        var each = alone.Select(losses => micro.Compute(All, losses)).ToArray();
        Assert.All(each, one => Assert.Equal(result, one.Result));
        Assert.All(each, one => Assert.Contains(one.Gradient, value => Math.Abs(value) > 1e-6));
        Close(total, Sum([.. each.Select(one => one.Gradient)]));
        Close(Sum(each[0].Gradient, each[2].Gradient), micro.Compute(All, Default with { Unlikelihood = 0 }).Gradient);
        Assert.All(micro.Compute(All, None).Gradient, value => Assert.Equal(0, value));
    });

    [Theory]
    [InlineData("models/t5")]
    [InlineData("models/llama")]
    public Task Dropped_and_noised_gradients_have_the_same_bits_however_many_layers_are_computed_again(string model) => OnDevice.Run(() =>
    {
        using var micro = ChoiceMicro.Of(model, new LoraSpec { R = 2, LoraDropout = 0.2, TargetModules = ["all-linear"] }, noise: 5);
        var kept = micro.Bits(All);
        foreach (var layers in new[] { 1, 2, 3, 4 })
            Assert.Equal(kept, micro.Bits(All, layers));
        Assert.NotEqual(kept, micro.Bits(All, step: 1));
    });

    [Theory]
    [InlineData("models/t5")]
    [InlineData("models/llama")]
    public Task Dropout_of_an_example_does_not_depend_on_its_neighbours(string model) => OnDevice.Run(() =>
    {
        using var micro = ChoiceMicro.Of(model, new LoraSpec { R = 2, LoraDropout = 0.3, TargetModules = ["all-linear"] });
        // Rows of one padded length: dropout is drawn for padding too.
        Close(micro.Compute([0, 1, 4]).Gradient, Sum(micro.Compute([4]).Gradient, micro.Compute([1, 0]).Gradient));
    });

    [Fact]
    public Task A_micro_batch_without_rows_is_a_leaf_of_zeros() => OnDevice.Run(() =>
    {
        using var micro = ChoiceMicro.Of("models/t5", new Ia3Spec());
        var (result, gradient) = micro.Compute([]);
        Assert.Equal((0.0, 0, 0.0, 0.0), (result.LossSum, result.Labels, result.Choices!.Unlikelihood, result.Choices.LengthNormalised));
        Assert.All(gradient, value => Assert.Equal(0, value));
    });

    private static float[] Sum(params float[][] gradients) =>
        [.. Enumerable.Range(0, gradients[0].Length).Select(index => gradients.Sum(gradient => gradient[index]))];

    private static void Close(float[] due, float[] actual)
    {
        var largest = due.Max(MathF.Abs);
        Assert.True(Enumerable.Range(0, due.Length).Max(index => MathF.Abs(due[index] - actual[index])) <= 2e-5 * largest, "gradients differ");
    }
}
