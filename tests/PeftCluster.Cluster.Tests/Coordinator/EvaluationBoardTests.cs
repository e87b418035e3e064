using PeftCluster.Cluster.Coordinator;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Coordinator;

/// <summary>What a coordinator makes of measured batches, in whatever order they came.</summary>
public sealed class EvaluationBoardTests
{
    private static readonly EvaluationTarget Target = new(false, 4);

    [Fact]
    public void Answer_choices_give_a_figure_for_each_template()
    {
        // Template 0 is right on both examples, template 1 on the first only.
        var board = EvaluationBoard.Of(1, Target, rows: 4, batchSize: 2)
            .Take(1, [Row(2, answer: 0, right: 0), Row(3, answer: 1, right: 0)], 5)
            .Take(0, [Row(0, answer: 1, right: 1), Row(1, answer: 1, right: 1)], 5);

        var metrics = board.Metrics(variants: 2);

        Assert.Equal(0.75, metrics.ExactMatch);
        Assert.Equal([1.0, 0.5], metrics.Choices!.Templates);
        Assert.Equal((0.75, 0.625, 0.875), (metrics.Choices.Median, metrics.Choices.Q1, metrics.Choices.Q3));
        Assert.Equal([[1, 1], [0, 2]], metrics.Choices.Confusion);
        // F1 of choice 0: 2 · 1 ÷ 3; of choice 1: 2 · 2 ÷ 5.
        Assert.Equal((2 / 3.0 + 4 / 5.0) / 2, metrics.Choices.MacroF1, 1e-12);
    }

    [Fact]
    public void Rows_without_choices_have_no_such_figures() =>
        Assert.Null(EvaluationBoard.Of(1, Target, rows: 1, batchSize: 2).Take(0, [new RowEvaluation(0, 1, 1, true, 9)], 5).Metrics(variants: 1).Choices);

    [Fact]
    public void Examples_that_were_left_out_are_told_in_one_line()
    {
        RowEvaluation[] rows = [Row(0, 0, 0) with { LeftOut = 3 }, Row(1, 0, 0), Row(2, 0, 0) with { LeftOut = 1 }];

        Assert.Equal(
            "evaluation.shots: with 4 examples 2 of 3 prompts would be longer than the model can see, so 4 examples, the oldest of each, were left out",
            LeftOutExamples.Warning(rows, 4));
        Assert.Null(LeftOutExamples.Warning([rows[1]], 4));
    }

    [Fact]
    public void A_run_warns_of_them_once_in_a_measurement()
    {
        var run = new MachineRun(measures: true).Begin().Measured(0, 0.5, leftOut: 2);

        Assert.Equal(["evaluation.shots: with 0 examples 10 of 10 prompts would be longer than the model can see, so 20 examples, the oldest of each, were left out"], run.Warnings);
    }

    private static RowEvaluation Row(int row, int answer, int right) =>
        new(row, 0.5, 1, answer == right, 9, null, new ChoiceRanking(answer, right, [answer == 0 ? -0.1 : -0.2, answer == 0 ? -0.2 : -0.1]));
}
