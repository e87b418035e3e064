namespace PeftCluster.Training.Evaluation;

/// <summary>
/// A metric of a plugin: a number for each held-out row; the mean over the rows is told beside loss and exact match. It is computed where
/// the row is measured, keeps nothing between calls, and may be called from several threads at once.
/// </summary>
public interface IMetric
{
    /// <summary>Its word in <c>evaluation.metrics</c>: lower-case letters, digits and underscores.</summary>
    string Name { get; }

    /// <summary>The number of one row; it has to be finite.</summary>
    double Of(MeasuredAnswer answer);
}

/// <summary>A held-out row and what the model answered.</summary>
/// <param name="Answer">The greedy answer, without special tokens; of a classifier the likeliest class's number.</param>
/// <param name="Expected">The row's completion, in the same way.</param>
/// <param name="LossSum">The sum of the completion tokens' cross-entropies.</param>
/// <param name="Labels">Completion tokens.</param>
public sealed record MeasuredAnswer(string Answer, string Expected, double LossSum, int Labels);
