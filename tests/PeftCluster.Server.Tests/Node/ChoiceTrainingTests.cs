using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Tests.Node;

/// <summary>Whole runs over rows with answer choices: a template of each example drawn in each pass, dropout on; one file whatever happens.</summary>
public sealed class ChoiceTrainingTests
{
    public static TheoryData<MethodSpec, bool> Methods => new(
        from encoder in new[] { false, true }
        from method in new MethodSpec[]
        {
            new TFewSpec(), new LoraSpec { TargetModules = ["all-linear"], LoraDropout = 0.3 }, new PromptTuningSpec { NumVirtualTokens = 3 }, new BottleneckSpec { Dropout = 0.3 },
        }
        select (method, encoder));

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Any_number_of_workers_gives_one_adapter(MethodSpec method, bool encoder)
    {
        await using var node = await ChoiceNode.StartAsync(encoder);
        TrainingSpec Noised(TrainingSpec training) => training with { NeftuneNoiseAlpha = 5 };

        var alone = await node.RunAsync(method, 1, Noised);

        Assert.Equal(alone.Ended.AdapterSha256, (await node.RunAsync(method, 2, Noised)).Ended.AdapterSha256);
        Assert.Equal(alone.Ended.AdapterSha256, (await node.RunAsync(method, 3, Noised)).Ended.AdapterSha256);
        Assert.NotEqual(alone.Ended.AdapterSha256, (await node.RunAsync(method, 1, training => Noised(training) with { Seed = 8 })).Ended.AdapterSha256);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_paused_goes_on_to_the_same_bits(bool encoder)
    {
        var method = new LoraSpec { TargetModules = ["all-linear"], LoraDropout = 0.3 };
        await using var node = await ChoiceNode.StartAsync(encoder);
        var whole = await node.RunAsync(method, 2);
        var paused = await node.RunAsync(method, 2, pauseAfter: 2);
        Assert.InRange(paused.Ended.Steps, 3, 6);

        var gone = await node.RunAsync(method, 3, resume: true);

        Assert.Equal(whole.Ended.AdapterSha256, gone.Ended.AdapterSha256);
        Assert.Equal(Losses(whole.Events).TakeLast(7 - paused.Ended.Steps), Losses(gone.Events));
    }

    [Fact]
    public async Task The_loss_of_a_step_is_the_weighted_sum_and_a_weight_changes_no_loss_before_the_first_update()
    {
        await using var node = await ChoiceNode.StartAsync(encoder: true);
        var weights = new ChoiceLossSpec { LanguageModel = 0.5, Unlikelihood = 0, LengthNormalised = 2 };

        var plain = Losses((await node.RunAsync(new TFewSpec(), 2)).Events);
        var weighted = (await node.RunAsync(new TFewSpec(), 2, training => training with { ChoiceLoss = weights })).Events;

        Assert.Equal(plain[0], Losses(weighted)[0]);
        Assert.NotEqual(plain[^1], Losses(weighted)[^1]);
        Assert.All(weighted.OfType<StepCommitted>(), step => Assert.Equal(0.5 * step.Choices!.Value.LanguageModel + 2 * step.Choices.Value.LengthNormalised, step.Loss, 1e-12));
        Assert.All(plain, step => Assert.True(step is { LanguageModel: > 0, Unlikelihood: not 0, LengthNormalised: > 0 }));
    }

    [Fact]
    public async Task The_loss_falls()
    {
        await using var node = await ChoiceNode.StartAsync(encoder: true);
        var losses = Losses((await node.RunAsync(new LoraSpec { TargetModules = ["all-linear"] }, 3, training => training with { MaxSteps = 40, LearningRate = 0.02 })).Events);
        Assert.True(losses.TakeLast(10).Average(step => step.LanguageModel) < 0.9 * losses.Take(3).Average(step => step.LanguageModel));
    }

    private static ChoiceLosses[] Losses(IEnumerable<RunEvent> events) => [.. events.OfType<StepCommitted>().Select(step => step.Choices!.Value)];
}
