using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Losses.Choices;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Evaluation;

/// <summary>The choice that a model finds most probable, on logits made up.</summary>
public sealed class RankClassificationTests
{
    [Fact]
    public Task A_long_choice_of_likely_tokens_loses_by_the_sum_and_wins_by_the_mean() => OnDevice.Run(() =>
    {
        var scores = Scores(new ChoiceExample([1], [[0], [1, 1, 1]], 0), [0.4f, 0.5f, 0.5f, 0.5f]);
        Assert.Equal([0], RankClassification.Answers(scores, RankBy.Sum));
        Assert.Equal([1], RankClassification.Answers(scores, RankBy.Mean));
    });

    [Fact]
    public Task Choices_are_in_order_and_the_first_of_equal_ones_wins() => OnDevice.Run(() =>
    {
        var scores = Scores(new ChoiceExample([1], [[0], [1], [0], [1]], 3), [0.1f, 0.3f, 0.2f, 0.3f]);
        Assert.Equal([1, 3, 2, 0], RankClassification.Order(scores, 0, RankBy.Mean));
        Assert.Equal([1], RankClassification.Answers(scores, RankBy.Sum));
    });

    /// <summary>An example whose choices' tokens have these probabilities.</summary>
    private static ChoiceLogProbabilities Scores(ChoiceExample example, float[] p)
    {
        var rows = new ChoiceRows([example]);
        var places = new LabelledPlaces();
        for (var choice = 0; choice < rows.Count; choice++)
            places.Add([0, .. rows.Choice(choice)], [new(1, 1 + rows.Choice(choice).Length)], 0);
        // Two tokens: the one meant has logit log(p ÷ (1 − p)), the other 0.
        var odds = tensor(p.Select(one => MathF.Log(one / (1 - one))).ToArray()).unsqueeze(1);
        var logits = zeros(p.Length, 2).scatter(1, places.Targets().unsqueeze(1), odds);
        return ChoiceLogProbabilities.Of(rows, new LabelledStates(logits, places, null));
    }
}
