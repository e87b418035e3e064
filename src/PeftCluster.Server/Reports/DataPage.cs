using System.Globalization;
using System.Text;
using PeftCluster.Data.Preflight;
using PeftCluster.Jobs;

namespace PeftCluster.Server.Reports;

/// <summary>The check of a job's data as a page: one file without a script and without an address of anything elsewhere. Every text from outside is encoded.</summary>
public static class DataPage
{
    private const string OwnStyle = """
        .row { white-space: pre-wrap; overflow-wrap: anywhere; }
        .masked { color: var(--soft); }
        .special { border: 1px solid var(--grid); border-radius: 0.25rem; padding: 0 0.2rem; }
        .refused { font-weight: 600; }

        """;

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The job's name.</param>
    /// <param name="report">What was found.</param>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static void Write(string path, string name, PreflightReport report)
    {
        try
        {
            File.WriteAllText(path, Of(name, report), new UTF8Encoding(false));
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--html: {path}: cannot be written: {unwritable.Message}", unwritable);
        }
    }

    internal static string Of(string name, PreflightReport report)
    {
        var page = PageHtml.Begin(name, " · data · PeftCluster", $"The data before any model loads: {(report.Status == "ok" ? "nothing is refused" : "refused")}", OwnStyle);
        Findings(page, report);
        Tiles(page, report);
        Sets(page, report);
        PageHtml.List(page, "Choices", [.. (report.Choices?.Lines ?? []).Select(line => $"{line.Heading}: {line.Line}")]);
        PageHtml.List(page, "Left out", report.LeftOut);
        Lengths(page, report);
        Samples(page, report);
        return PageHtml.End(page);
    }

    private static void Findings(StringBuilder page, PreflightReport report)
    {
        if (report.Findings.Count == 0)
            return;
        page.Append("<h2>Findings</h2>\n<ul>\n");
        foreach (var finding in report.Findings)
            page.Append(finding.Severity == Severity.Refused ? "<li class=\"refused\">refused: " : "<li>").Append(PageHtml.Text(finding.Text)).Append("</li>\n");
        page.Append("</ul>\n");
    }

    private static void Tiles(StringBuilder page, PreflightReport report)
    {
        if (report is not { Train: { } train, Steps: { } steps })
            return;
        page.Append("<div class=\"tiles\">\n");
        void Tile(FormattableString figure, string what) => PageHtml.Tile(page, FormattableString.Invariant(figure), what);
        Tile($"{train.Counts.Rows:N0}", "training rows");
        Tile($"{train.MaskedShare * 100:0.#} %", "of their tokens are masked");
        Tile($"{steps.Steps:N0}", FormattableString.Invariant($"steps, {steps.Epochs:0.##} epochs"));
        Tile($"{steps.TokensPerStep:N0}", "tokens a step");
        Tile($"{steps.PaddingShare * 100:0.#} %", $"padding, rows {steps.Rows}");
        page.Append("</div>\n");
    }

    private static void Sets(StringBuilder page, PreflightReport report)
    {
        if (report.Train is null)
            return;
        page.Append("<h2>Rows</h2>\n<table>\n<tr><th></th><th>rows</th><th>tokens</th><th>masked</th><th>longest</th><th>cut</th><th>left out</th><th>duplicates</th></tr>\n");
        foreach (var (name, set) in new[] { ("training", report.Train), ("held out", report.HeldOut) })
        {
            if (set is not null)
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{name}</td><td>{set.Counts.Rows:N0}</td><td>{set.Counts.Tokens:N0}</td><td>{set.MaskedShare * 100:0.#} %</td><td>{set.Counts.Longest:N0}</td><td>{set.Counts.Truncated:N0}</td><td>{set.Counts.AllLeftOut:N0}</td><td>{set.Duplicates:N0}</td></tr>\n");
        }
        page.Append("</table>\n");
    }

    private static void Lengths(StringBuilder page, PreflightReport report)
    {
        if (report.Lengths.Count == 0)
            return;
        page.Append("<h2>Lengths</h2>\n<div class=\"plots\">\n");
        void Figure(string id, string caption, Func<LengthBin, int> rows) => PageHtml.Figure(page, caption, LengthPlot.Svg(id, report.Lengths, rows, wide: true), wide: true);
        Figure("train", "Training rows by their tokens", bin => bin.Train);
        if (report.HeldOut is not null)
            Figure("heldout", "Held-out rows by their tokens", bin => bin.HeldOut);
        page.Append("</div>\n");
    }

    private static void Samples(StringBuilder page, PreflightReport report)
    {
        if (report.Samples.Count == 0)
            return;
        page.Append("<h2>The first rows as the model gets them</h2>\n<p class=\"soft\">What is grey is read, not learnt. Framed are special tokens.</p>\n");
        foreach (var row in report.Samples)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">{PageHtml.Text(row.Place)}{(row.Template is { } template ? $" · template {PageHtml.Text(template)}" : "")} · {row.Labels:N0} labels</p>\n<pre class=\"row\">");
            foreach (var (place, token) in row.Tokens.Index())
            {
                if (row.Choices.FirstOrDefault(choice => choice.Start == place) is { } begins)
                    page.Append(begins.Right ? "\n* " : "\n- ");
                page.Append(CultureInfo.InvariantCulture, $"<span class=\"{(token.Label ? "learnt" : "masked")}{(token.Special ? " special" : "")}\" title=\"{token.Id}\">{PageHtml.Text(token.Text)}</span>");
            }
            page.Append(row.Left > 0 ? "…" : "").Append("</pre>\n");
        }
    }
}
