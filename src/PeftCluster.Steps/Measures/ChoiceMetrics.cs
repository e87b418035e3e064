using PeftCluster.Steps.Seam;

namespace PeftCluster.Steps.Measures;

/// <summary>
/// What rank classification gives over held-out rows, beside the share that is right (<see cref="RowEvaluation.ExactMatch"/>): which answers were taken for which, and how much the
/// wording of a task decides. Unusual: median and quartiles are over templates, each template's accuracy one number, as T-Few reports them (Liu et al. 2022, arXiv 2205.05638, section 4.1).
/// </summary>
/// <param name="MacroF1">The mean over choices of F1, <see cref="ConfusionMatrix.MacroF1"/>.</param>
/// <param name="Confusion">How many rows: [right choice][answered].</param>
/// <param name="Templates">The accuracy under each template, in the task's order.</param>
/// <param name="Median">Of the templates' accuracies.</param>
/// <param name="Q1">Their lower quartile.</param>
/// <param name="Q3">Their upper quartile.</param>
public sealed record ChoiceMetrics(
    double MacroF1, IReadOnlyList<IReadOnlyList<int>> Confusion, IReadOnlyList<double> Templates, double Median, double Q1, double Q3)
{
    /// <summary>Metrics of measured rows in any order; null where there are none, or rows without choices.</summary>
    /// <param name="rows">All held-out rows.</param>
    /// <param name="variants">Templates: row r stands under template r mod variants.</param>
    public static ChoiceMetrics? Of(IReadOnlyList<RowEvaluation> rows, int variants)
    {
        if (rows is not [{ Ranking: not null }, ..])
            return null;
        var confusion = new ConfusionMatrix(rows.Max(row => row.Ranking!.Scores.Count));
        foreach (var row in rows)
            confusion.Count(row.Ranking!.Right, row.Ranking.Answer);
        double[] templates = [.. rows.GroupBy(row => row.Row % variants).OrderBy(group => group.Key).Select(group => group.Average(row => row.ExactMatch ? 1.0 : 0.0))];
        var spread = Quartiles.Of(templates);
        return new ChoiceMetrics(confusion.MacroF1, Counts(confusion), templates, spread.Median, spread.Lower, spread.Upper);
    }

    private static int[][] Counts(ConfusionMatrix of) =>
        [.. Enumerable.Range(0, of.Classes).Select(right => Enumerable.Range(0, of.Classes).Select(answered => (int)of[right, answered]).ToArray())];
}
