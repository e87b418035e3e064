using System.Globalization;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Evaluation;

/// <summary>Measures held-out rows with a classifier: the class's loss, and whether the likeliest class is the right one.</summary>
internal static class ClassEvaluation
{
    /// <exception cref="BadInputException">Examples are asked for, which a classifier does not read.</exception>
    public static IReadOnlyList<RowEvaluation> Of(EvaluationWork work, ITokenRows heldOut, IModel model, JobMetrics metrics, CancellationToken cancellation)
    {
        if (work.Shots > 0)
            throw new BadInputException("evaluation.shots: a classifier reads no examples. Set it to [0].");
        var (states, places, head) = model.Labelled(PromptRows.Of(heldOut, work.Rows), cancellation);
        var losses = places.SumRows(HeadLoss.Of(states, head, places.Targets()));
        var (likeliest, right) = (states.argmax(1).cpu().data<long>().ToArray(), places.Targets().data<long>().ToArray());
        return [.. work.Rows.Select((row, at) => new RowEvaluation(row, losses[at], 1, likeliest[at] == right[at], heldOut.PromptLength(row),
            metrics.Of(row, new MeasuredAnswer(Name(likeliest[at]), Name(right[at]), losses[at], 1))))];
    }

    private static string Name(long number) => number.ToString(CultureInfo.InvariantCulture);
}
