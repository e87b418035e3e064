using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Training.Evaluation;

/// <summary>The metrics that one job asks for, as evaluation uses them. What they give is checked, since it is somebody else's code.</summary>
/// <param name="metrics">In the order of the job.</param>
public sealed class JobMetrics(IReadOnlyList<IMetric> metrics)
{
    public static JobMetrics None { get; } = new([]);

    /// <summary>The row's scores; null where no metric is asked for.</summary>
    /// <exception cref="BadInputException">A metric failed, or gave no finite number.</exception>
    internal IReadOnlyList<Score>? Of(int row, MeasuredAnswer answer) => metrics.Count == 0 ? null : [.. metrics.Select(metric => new Score(metric.Name, Value(metric, row, answer)))];

    private static double Value(IMetric metric, int row, MeasuredAnswer answer)
    {
        double value;
        try
        {
            value = metric.Of(answer);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            throw new BadInputException(FormattableString.Invariant($"evaluation.metrics: {metric.Name} failed at held-out row {row + 1}: {failed.Message.ReplaceLineEndings(" ")}"), failed);
        }
        return double.IsFinite(value) ? value : throw new BadInputException(FormattableString.Invariant($"evaluation.metrics: {metric.Name} gave {value} for held-out row {row + 1}. A metric gives a finite number."));
    }
}
