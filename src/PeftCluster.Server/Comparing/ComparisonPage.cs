using System.Globalization;
using System.Text;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Comparing;

/// <summary>compare.html: one table, three figures, every seed's numbers. One file without a script and without an address of anything elsewhere; every text from outside is encoded.</summary>
public static class ComparisonPage
{
    /// <summary>The page's name in the comparison's folder.</summary>
    public const string FileName = "compare.html";

    /// <summary>Writes the page into the comparison's folder.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string folder, ComparisonTable table)
    {
        var path = Path.Combine(folder, FileName);
        PageHtml.Write(path, Of(table));
        return path;
    }

    internal static string Of(ComparisonTable table)
    {
        var page = PageHtml.Begin(table.Name, " · comparison · PeftCluster", string.Create(CultureInfo.InvariantCulture,
            $"{table.Rows.Count} ways to use the same model, data and seeds ({PageHtml.Text(string.Join(", ", table.Seeds))})"));
        Table(page, table);
        Figures(page, table);
        Seeds(page, table);
        PageHtml.List(page, "Not measured", [.. table.Failed.Select(failed => string.Create(CultureInfo.InvariantCulture, $"{failed.Arm}, seed {failed.Seed}: {failed.Reason}"))]);
        page.Append("""
            <h2>How it was counted</h2>
            <p>Accuracy: the share of held-out rows that are answered right; median, range and quartiles over all seeds and templates. Operations: forward 2 · weights · tokens, a training step three times
            as many (Kaplan et al. 2020, arXiv 2001.08361; Liu et al. 2022, arXiv 2205.05638, section 4.2), counted from the model's shapes and the rows' tokens. To store: an adapter's numbers in float32, or the token ids of
            the examples that stand in a prompt. Time: from the start of a run to its end, of a prompt that of its measurement; it depends on the machine.</p>

            """);
        return PageHtml.End(page);
    }

    private static void Table(StringBuilder page, ComparisonTable table)
    {
        var metrics = string.Concat((table.Rows is [var first, ..] ? first.Scores : []).Select(score => $"<th>{PageHtml.Text(score.Metric)}</th>"));
        page.Append("<table>\n<tr><th></th><th>accuracy</th><th>range</th><th>quartiles</th>").Append(metrics).Append("<th>trained</th><th>share</th><th>to store</th><th>operations to train on an example</th><th>operations for an answer</th><th>prompt tokens</th><th>time</th></tr>\n");
        foreach (var row in table.Rows)
        {
            var (accuracy, costs) = (row.Accuracy, row.Costs);
            page.Append(CultureInfo.InvariantCulture, $"<tr{(row.Shots is null ? " class=\"adapter\"" : "")}><td>{PageHtml.Text(row.Arm)}</td><td>{PageHtml.Percent(accuracy.Median)}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{PageHtml.Percent(accuracy.Least)} to {PageHtml.Percent(accuracy.Most)}</td><td>{PageHtml.Percent(accuracy.LowerQuartile)} to {PageHtml.Percent(accuracy.UpperQuartile)}</td>");
            page.Append(string.Concat(row.Scores.Select(score => FormattableString.Invariant($"<td>{score.Value:0.000}</td>"))));
            page.Append(CultureInfo.InvariantCulture, $"<td>{(costs.Trained == 0 ? "–" : costs.Trained.ToString("N0", CultureInfo.InvariantCulture))}</td><td>{(costs.Trained == 0 ? "–" : $"{costs.Share * 100:0.####} %")}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{Bytes(costs.Bytes)}</td><td>{Power(costs.TrainingFlops)}</td><td>{Power(costs.InferenceFlops)}</td><td>{row.PromptTokens:0.#}</td><td>{row.Seconds:0.0} s</td></tr>\n");
        }
        page.Append("</table>\n");
    }

    private static void Figures(StringBuilder page, ComparisonTable table)
    {
        if (table.Rows.Count == 0)
            return;
        page.Append("<h2>Accuracy</h2>\n<div class=\"plots\">\n");
        PageHtml.Figure(page, "Percent of held-out rows: a point for each seed and template, the middle half of them, and the median", ArmPlots.Spreads(table.Rows), wide: true);
        PageHtml.Figure(page, "Median accuracy in percent, over operations for an answer", ArmPlots.Over("answer", table.Rows, row => row.Costs.InferenceFlops), wide: false);
        PageHtml.Figure(page, "Median accuracy in percent, over bytes to store", ArmPlots.Over("bytes", table.Rows, row => row.Costs.Bytes), wide: false);
        page.Append("</div>\n");
    }

    private static void Seeds(StringBuilder page, ComparisonTable table)
    {
        page.Append("<h2>Every seed</h2>\n<table>\n<tr><th></th>").Append(string.Concat(table.Seeds.Select(seed => FormattableString.Invariant($"<th>seed {seed}</th>")))).Append("</tr>\n");
        foreach (var row in table.Rows)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{PageHtml.Text(row.Arm)}</td>");
            foreach (var seed in table.Seeds)
                page.Append(CultureInfo.InvariantCulture, $"<td>{(row.Seeds.FirstOrDefault(result => result.Seed == seed) is { } result ? PageHtml.Percent(result.Accuracy) : "–")}</td>");
            page.Append("</tr>\n");
        }
        page.Append("</table>\n");
    }

    private static string Power(double number) => number == 0 ? "–" : number.ToString("0.00e0", CultureInfo.InvariantCulture);

    private static string Bytes(double bytes) => bytes switch
    {
        0 => "–",
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.#} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB"),
    };
}
