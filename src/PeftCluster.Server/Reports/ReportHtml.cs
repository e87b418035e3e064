using System.Globalization;
using System.Net;
using System.Text;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Server.Reports;

/// <summary>The text of report.html: tiles, the evaluation table, three plots, the settings, hashes. Every text from outside is encoded.</summary>
internal static class ReportHtml
{
    /// <summary>The style of all pages.</summary>
    public static string Style { get; } = ReadStyle();

    public static string Of(RunHeader header, RunStarted started, RunEnded ended, RunHistory history)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(header.Job.Name)} · PeftCluster</title>
            <style>
            {Style}</style>
            </head>
            <body>
            <h1>{Text(header.Job.Name)}</h1>
            <p class="soft">{Text(started.Source.Method)} on {Text(started.Source.Architecture)}, {started.Source.BaseParameters / 1e6:0.0#} M parameters · run {Text(started.RunId)} · {Text(Ending(ended))}</p>

            """);
        Tiles(page, started, ended, history);
        Evaluations(page, started, history);
        Plots(page, history);
        Warnings(page, history);
        Settings(page, header);
        Hashes(page, header, ended);
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static string Ending(RunEnded ended) =>
        ended.End == EndReason.AllStepsDone || (ended.Phase == JobPhase.Completed && ended.End is null) ? "completed" : $"{RunStatus.Of(ended.Phase)}: {ended.Reason}";

    private static void Tiles(StringBuilder page, RunStarted started, RunEnded ended, RunHistory history)
    {
        page.Append("<div class=\"tiles\">\n");
        if (history.Evaluations.LastOrDefault(one => one.Adapter) is { } adapter)
            Tile(page, Percent(adapter.ExactMatch), "exact match with the adapter");
        Tile(page, string.Create(CultureInfo.InvariantCulture, $"{ended.Steps:N0} / {started.TotalSteps:N0}"), "steps");
        if (ended.Best is { } best)
            Tile(page, string.Create(CultureInfo.InvariantCulture, $"step {best.Version:N0}"), string.Create(CultureInfo.InvariantCulture, $"best version: {best.Metric} {best.Value:0.####}"));
        if (ended.TrainLoss is { } loss)
            Tile(page, loss.ToString("0.000", CultureInfo.InvariantCulture), "training loss at the end");
        Tile(page, started.Source.TrainedParameters.ToString("N0", CultureInfo.InvariantCulture), $"trained parameters, {Share(started)} of the base");
        page.Append("</div>\n");
    }

    private static void Tile(StringBuilder page, string figure, string what) =>
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"tile\"><b>{figure}</b><span>{Text(what)}</span></div>\n");

    private static void Evaluations(StringBuilder page, RunStarted started, RunHistory history)
    {
        if (history.Evaluations.Count == 0)
            return;
        page.Append(CultureInfo.InvariantCulture, $"""
            <h2>On {history.Evaluations[0].Rows:N0} held-out rows</h2>
            <table>
            <tr><th></th><th>exact match</th>{string.Concat((history.Evaluations[0].Scores ?? []).Select(score => $"<th>{Text(score.Metric)}</th>"))}<th>loss</th><th>prompt tokens per answer</th><th>trained parameters</th></tr>

            """);
        foreach (var one in history.Evaluations)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr{(one.Adapter ? " class=\"adapter\"" : "")}><td>");
            page.Append(Text(one.Adapter ? started.Source.Method : ShotName.Of(one.Shots))).Append("</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{Percent(one.ExactMatch)}</td>{string.Concat((one.Scores ?? []).Select(score => FormattableString.Invariant($"<td>{score.Value:0.000}</td>")))}<td>{one.Loss:0.000}</td><td>{one.PromptTokens:0.#}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{(one.Adapter ? Share(started) : "–")}</td></tr>\n");
        }
        page.Append("</table>\n");
    }

    private static void Plots(StringBuilder page, RunHistory history)
    {
        if (history.Steps.Count == 0)
            return;
        page.Append("<h2>Training</h2>\n<div class=\"plots\">\n");
        Plot(page, "loss", "Loss of a labelled token, in nats", history, step => step.Loss, wide: true);
        if (history.Versions.Count > 1)
            Plot(page, "heldout", "Loss of a completion token on the held-out rows, in nats", [.. history.Versions.Select(version => ((double)version.Step, version.Loss))], wide: true);
        Plot(page, "rate", "Learning rate", history, step => step.LearningRate, wide: false);
        Plot(page, "norm", "Norm of the gradient before clipping", history, step => step.GradientNorm, wide: false);
        page.Append("</div>\n");
    }

    private static void Plot(StringBuilder page, string id, string caption, RunHistory history, Func<StepPoint, double> value, bool wide) =>
        Plot(page, id, caption, [.. history.Steps.Select(step => ((double)step.Step, value(step)))], wide);

    private static void Plot(StringBuilder page, string id, string caption, IReadOnlyList<(double Step, double Value)> points, bool wide) => page
        .Append(CultureInfo.InvariantCulture, $"<figure{(wide ? " class=\"wide\"" : "")}>\n<figcaption>{caption}</figcaption>\n")
        .Append(LinePlot.Svg(id, points, wide))
        .Append("</figure>\n");

    private static void Warnings(StringBuilder page, RunHistory history)
    {
        if (history.Warnings.Count == 0)
            return;
        page.Append("<h2>Warnings</h2>\n<ul>\n");
        foreach (var warning in history.Warnings)
            page.Append(CultureInfo.InvariantCulture, $"<li>{Text(warning)}</li>\n");
        page.Append("</ul>\n");
    }

    private static void Settings(StringBuilder page, RunHeader header) =>
        page.Append(CultureInfo.InvariantCulture, $"<h2>Settings</h2>\n<pre>{Text(JobFile.Write(header.Job))}</pre>\n");

    private static void Hashes(StringBuilder page, RunHeader header, RunEnded ended)
    {
        page.Append("<h2>What it was made of</h2>\n<dl>\n");
        Entry(page, "adapter", ended.AdapterSha256 is { } sha ? $"sha256 {sha}" : "none yet");
        Entry(page, "base", $"sha256 {header.Base.Sha256}");
        Entry(page, "numeric class", header.Node.NumericClass);
        Entry(page, "workers", string.Join(", ", header.Node.Devices));
        page.Append("</dl>\n");
    }

    private static void Entry(StringBuilder page, string name, string value) =>
        page.Append(CultureInfo.InvariantCulture, $"<dt>{Text(name)}</dt><dd><code>{Text(value)}</code></dd>\n");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");

    private static string Share(RunStarted started) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * started.Source.TrainedParameters / started.Source.BaseParameters:0.##} %");

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string ReadStyle()
    {
        using var stream = typeof(ReportHtml).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
