using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Tests.Comparing;

public sealed class ComparisonTableTests
{
    [Fact]
    public void Arms_stand_in_the_order_of_shots_and_methods_behind_them() =>
        Assert.Equal(["zero-shot", "four-shot", "four-shot, 50 % wrong", "t-few"], SampleComparison.Table().Rows.Select(row => row.Arm));

    [Fact]
    public void An_accuracy_is_the_median_over_seeds_and_templates_with_its_range_and_quartiles()
    {
        var spread = SampleComparison.Table().Rows[3].Accuracy;

        Assert.Equal(0.85, spread.Median, 12);
        Assert.Equal((0.7, 1), (spread.Least, spread.Most));
        Assert.Equal((0.775, 0.925), (Math.Round(spread.LowerQuartile, 12), Math.Round(spread.UpperQuartile, 12)));
    }

    [Fact]
    public void A_metric_is_the_median_over_seeds() => Assert.Equal([new Score("token_f1", 0.95)], SampleComparison.Table().Rows[3].Scores);

    [Fact]
    public void All_seeds_are_told_in_their_order() => Assert.All(SampleComparison.Table().Rows, row => Assert.Equal([0, 1], row.Seeds.Select(seed => seed.Seed)));
}
