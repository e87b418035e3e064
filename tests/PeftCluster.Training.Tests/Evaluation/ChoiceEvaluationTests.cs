using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Losses.Choices;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Evaluation;

/// <summary>Rank classification of held-out rows, against each choice read by itself.</summary>
public sealed class ChoiceEvaluationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("models/llama", RankBy.Mean)]
    [InlineData("models/llama", RankBy.Sum)]
    [InlineData("models/t5-v1_1", RankBy.Mean)]
    [InlineData("models/t5-v1_1", RankBy.Sum)]
    public Task Choices_are_ranked_as_each_scores_by_itself(string name, RankBy by) => OnDevice.Run(() =>
    {
        TextModel.Write(_folder.Path);
        using var weights = SharedWeights.Of(GoldenMicro.Folder(name), CancellationToken.None);
        var model = (ILanguageModel)weights.Config.Build(key => weights.Store[key]);
        using var noGraph = no_grad();
        var rows = Asked(MemoryRows.Open(variants: 2));
        var evaluator = new RowEvaluator(rows, rows, TextTokenizer.Load(_folder.Path), new EvaluationSpec { RankBy = by });

        var results = evaluator.Evaluate(new EvaluationWork([0, 1, 2, 3], 0) { Texts = true }, model, new PromptCache(), CancellationToken.None);

        foreach (var result in results)
        {
            var alone = ChoiceRows.Of(rows, [result.Row]);
            var scores = ChoiceLogProbabilities.Of(alone, model.Labelled(alone));
            var right = rows.RightChoice(result.Row)!.Value;
            Assert.Equal(RankClassification.Scores(scores, 0, by).Select(score => Math.Round(score, 4)), result.Ranking!.Scores.Select(score => Math.Round(score, 4)));
            Assert.Equal((RankClassification.Answers(scores, by)[0], right), (result.Ranking.Answer, result.Ranking.Right));
            Assert.Equal(result.Ranking.Answer == right, result.ExactMatch);
            Assert.Equal(-scores.Sum(0, right), result.LossSum, 1e-4);
            Assert.Equal((rows.Labels(result.Row), rows.PromptLength(result.Row)), (result.Labels, result.PromptTokens));
        }
        Assert.Equal(["yes", "yes", "not at all", "not at all"], results.Select(result => result.Texts!.Right));
    });

    [Fact]
    public Task Metrics_of_the_job_see_the_answer_as_text() => OnDevice.Run(() =>
    {
        TextModel.Write(_folder.Path);
        using var weights = SharedWeights.Of(_folder.Path, CancellationToken.None);
        var model = weights.Config.Build(key => weights.Store[key]);
        var rows = Asked(MemoryRows.Open(variants: 2));
        var evaluator = new RowEvaluator(rows, rows, TextTokenizer.Load(_folder.Path), new EvaluationSpec(), new JobMetrics([.. BuiltInMetric.All]));

        foreach (var result in evaluator.Evaluate(new EvaluationWork([0, 1, 2, 3], 0) { Texts = true }, model, new PromptCache(), CancellationToken.None))
            Assert.Equal([new Score("squad_match", result.ExactMatch ? 1 : 0), new Score("token_f1", result.ExactMatch ? 1 : 0), new Score("rouge_l", result.ExactMatch ? 1 : 0)], result.Scores!);
    });

    private static MemoryRows Asked(MemoryRows rows) => rows
        .Add("Is it red?", 0, " yes", " no, it is not").Add("Red? Say yes or no:", 0, " yes", " no")
        .Add("Is it a stone?", 2, " yes", " no", " not at all").Add("A stone? Say:", 2, " yes", " maybe", " not at all");
}
