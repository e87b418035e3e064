using System.Globalization;
using PeftCluster.Server.Comparing;

namespace PeftCluster.Cli.Rendering;

/// <summary>A comparison for people: a line for each job as it ends, then the table.</summary>
internal static class ComparisonText
{
    /// <summary>What a job gave, or why it did not.</summary>
    public static string Line(JobReport report)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{report.Number}/{report.Jobs}  {report.Name}, seed {report.Seed}");
        if (report.Failure is { } failure)
            return $"{head}: {failure}";
        var gave = report.Results is [{ Shots: null } only]
            ? $"{Figures.Percent(only.Accuracy)} in {only.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s"
            : string.Join(", ", report.Results.Select(one => $"{one.Arm} {Figures.Percent(one.Accuracy)}"));
        return $"{head}: {gave}{(report.IsNew ? "" : " (done before)")}";
    }

    public static void Write(TextWriter output, ComparisonTable table, string page)
    {
        output.WriteLine();
        string[] head = ["", "accuracy", "range", .. (table.Rows is [var first, ..] ? first.Scores : []).Select(score => score.Metric), "trained", "share", "to store", "flops/example", "flops/answer", "prompt", "seconds"];
        Columns.Write(output, [head, .. table.Rows.Select(Row)], [.. Enumerable.Range(1, head.Length - 1)]);
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"accuracy  median over {table.Seeds.Count} {(table.Seeds.Count == 1 ? "seed" : "seeds")} and all templates"));
        output.WriteLine($"page      {page}");
    }

    private static string[] Row(ArmRow row) =>
    [
        row.Arm,
        Figures.Percent(row.Accuracy.Median),
        string.Create(CultureInfo.InvariantCulture, $"{row.Accuracy.Least * 100:0.0}–{row.Accuracy.Most * 100:0.0}"),
        .. row.Scores.Select(score => Figures.Loss(score.Value)),
        row.Costs.Trained == 0 ? "–" : Figures.Count(row.Costs.Trained),
        row.Costs.Trained == 0 ? "–" : Figures.SharePercent(row.Costs.Share),
        row.Costs.Bytes == 0 ? "–" : Figures.Bytes((long)row.Costs.Bytes),
        row.Costs.TrainingFlops == 0 ? "–" : Power(row.Costs.TrainingFlops),
        Power(row.Costs.InferenceFlops),
        row.PromptTokens.ToString("0", CultureInfo.InvariantCulture),
        row.Seconds.ToString("0.0", CultureInfo.InvariantCulture),
    ];

    private static string Power(double number) => number.ToString("0.0e0", CultureInfo.InvariantCulture);
}
