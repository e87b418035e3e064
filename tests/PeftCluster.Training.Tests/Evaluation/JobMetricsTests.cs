using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Training.Tests.Evaluation;

public sealed class JobMetricsTests
{
    [Fact]
    public void Scores_come_in_the_order_of_the_job_and_are_averaged_over_rows()
    {
        var metrics = new JobMetrics([new Metric("length", answer => answer.Answer.Length), new Metric("labels", answer => answer.Labels)]);

        RowEvaluation[] rows = [Row(0, "abc"), Row(1, "a")];

        Assert.Equal([new Score("length", 2), new Score("labels", 5)], Score.Means(rows)!);
        Assert.Null(Score.Means([new RowEvaluation(0, 0, 1, false, 1)]));
        Assert.Null(Score.Means([]));

        RowEvaluation Row(int row, string answer) => new(row, 0, 5, false, 1, metrics.Of(row, new MeasuredAnswer(answer, "", 0, 5)));
    }

    [Fact]
    public void Those_that_need_no_plugin_are_the_ones_that_a_job_may_name()
    {
        Assert.Equal(EvaluationSpec.BuiltInMetrics, BuiltInMetric.All.Select(metric => metric.Name));
        var job = new JobSpec
        {
            Name = "a",
            Model = "b",
            Data = new DataSpec { Train = "c" },
            Method = new LoraSpec(),
            Output = new OutputSpec { Folder = "d" },
            Evaluation = new EvaluationSpec { Metrics = ["rouge_l", "squad_match", "token_f1"] },
        };

        var scores = PluginJob.MetricsOf(job).Of(0, new MeasuredAnswer("The cat, sat", "a cat sat down", 0, 1))!;

        // Without articles: cat sat, and cat sat down. ROUGE-L keeps articles.
        Assert.Equal(["rouge_l", "squad_match", "token_f1"], scores.Select(score => score.Metric));
        Assert.Equal(4 / 7.0, scores[0].Value, 1e-9);
        Assert.Equal(0, scores[1].Value);
        Assert.Equal(0.8, scores[2].Value, 1e-9);
        Assert.Equal(1, PluginJob.MetricsOf(job).Of(0, new MeasuredAnswer("The cat, sat", "a cat sat", 0, 1))![1].Value);
    }

    [Fact]
    public void Without_metrics_a_row_has_no_scores() => Assert.Null(JobMetrics.None.Of(0, new MeasuredAnswer("a", "b", 0, 1)));

    [Theory]
    [InlineData(double.NaN, "evaluation.metrics: odd gave NaN for held-out row 7. A metric gives a finite number.")]
    [InlineData(-1, "evaluation.metrics: odd failed at held-out row 7: not that one")]
    public void A_metric_that_gives_nothing_ends_in_a_line(double value, string line)
    {
        var metrics = new JobMetrics([new Metric("odd", _ => value < 0 ? throw new InvalidOperationException("not that one") : value)]);

        Assert.Equal(line, Assert.Throws<BadInputException>(() => metrics.Of(6, new MeasuredAnswer("a", "b", 0, 1))).Message);
    }

    private sealed class Metric(string name, Func<MeasuredAnswer, double> of) : IMetric
    {
        public string Name => name;

        public double Of(MeasuredAnswer answer) => of(answer);
    }
}
