using PeftCluster.Steps.Measures;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Steps.Tests.Measures;

/// <summary>What rank classification gives over rows and templates.</summary>
public sealed class ChoiceMetricsTests
{
    [Fact]
    public void Rows_of_unlike_numbers_of_choices_are_counted_in_one_matrix()
    {
        var metrics = ChoiceMetrics.Of([Row(0, 0, 0, choices: 2), Row(1, 2, 1, choices: 3)], variants: 1)!;

        Assert.Equal([[1, 0, 0], [0, 0, 1], [0, 0, 0]], metrics.Confusion);
        Assert.Equal([0.5], metrics.Templates);
        Assert.Equal((0.5, 0.5, 0.5), (metrics.Q1, metrics.Median, metrics.Q3));
    }

    [Fact]
    public void The_order_of_rows_changes_nothing()
    {
        RowEvaluation[] rows = [.. Enumerable.Range(0, 12).Select(row => Row(row, row % 3, row % 2, choices: 3))];

        var (there, back) = (ChoiceMetrics.Of(rows, variants: 3)!, ChoiceMetrics.Of([.. rows.Reverse()], variants: 3)!);

        Assert.Equal(there.Templates, back.Templates);
        Assert.Equal((there.MacroF1, there.Median), (back.MacroF1, back.Median));
        // Template t answers t; right are 0 and 1 in turn.
        Assert.Equal([0.5, 0.5, 0], there.Templates);
    }

    [Fact]
    public void Without_rows_or_choices_there_is_nothing_to_tell()
    {
        Assert.Null(ChoiceMetrics.Of([], variants: 1));
        Assert.Null(ChoiceMetrics.Of([new RowEvaluation(0, 1, 1, true, 9)], variants: 1));
    }

    private static RowEvaluation Row(int row, int answer, int right, int choices) =>
        new(row, 0.5, 1, answer == right, 9, null, new ChoiceRanking(answer, right, new double[choices]));
}
