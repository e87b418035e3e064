using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Coordinator;

/// <summary>Which version is best and how long none was better, as Hugging Face counts.</summary>
public sealed class VersionRankingTests
{
    [Theory]
    // Losses, threshold; the best place and how long the run has waited.
    [InlineData(new[] { 0.5 }, 0, 0, 0)]
    [InlineData(new[] { 0.5, 0.4, 0.3 }, 0, 2, 0)]
    [InlineData(new[] { 0.5, 0.4, 0.4, 0.6 }, 0, 1, 2)]
    [InlineData(new[] { 0.5, 0.45, 0.42, 0.2 }, 0.1, 3, 0)]
    [InlineData(new[] { 0.5, 0.45, 0.42 }, 0.1, 2, 2)]
    [InlineData(new[] { double.NaN, double.PositiveInfinity }, 0, null, 2)]
    [InlineData(new[] { double.NaN, 0.5, double.NaN }, 0, 1, 1)]
    public void A_version_is_best_when_it_is_strictly_better_and_ends_the_waiting_when_it_is_better_by_the_threshold(double[] losses, double threshold, int? best, int waited)
    {
        var ranking = losses.Index().Aggregate(VersionRanking.Empty, (before, loss) => before.After(BestMetric.Loss, threshold, loss.Index, new EvaluationMetrics(loss.Item, 0, 0, 1)));
        Assert.Equal((best, waited), (ranking.Version, ranking.Waited));
    }

    [Fact]
    public void More_exact_answers_are_better()
    {
        var ranking = new[] { 0.1, 0.6, 0.5 }.Index().Aggregate(VersionRanking.Empty, (before, share) => before.After(BestMetric.ExactMatch, 0, share.Index, new EvaluationMetrics(share.Index, share.Item, 0, 1)));
        Assert.Equal((1, 0.6, 1), (ranking.Version, ranking.Value, ranking.Waited));
    }

    [Theory]
    [InlineData("edit_similarity", null, 1)]
    [InlineData("edit_similarity", false, 0)]
    [InlineData("focal_loss", null, 0)]
    [InlineData("not_measured", null, null)]
    public void A_plugins_metric_goes_the_way_that_the_job_says_or_its_name(string name, bool? greater, int? best)
    {
        var metric = BestMetric.Of(new TrainingSpec { MetricForBestModel = name, GreaterIsBetter = greater });
        var ranking = new[] { 0.1, 0.6, 0.5 }.Index().Aggregate(VersionRanking.Empty, (before, value) =>
            before.After(metric, 0, value.Index, new EvaluationMetrics(value.Index, 0, 0, 1, [new Score("edit_similarity", value.Item), new Score("focal_loss", value.Item)])));
        Assert.Equal(best, ranking.Version);
    }
}
