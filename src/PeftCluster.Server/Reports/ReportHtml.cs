using System.Globalization;
using System.Text;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Server.Reports;

/// <summary>The text of report.html: tiles, the evaluation table, three plots, the settings, hashes. Every text from outside is encoded.</summary>
internal static class ReportHtml
{
    public static string Of(RunHeader header, RunStarted started, RunEnded ended, RunHistory history)
    {
        var page = PageHtml.Begin(header.Job.Name, " · PeftCluster", string.Create(CultureInfo.InvariantCulture,
            $"{PageHtml.Text(started.Source.Method)} on {PageHtml.Text(started.Source.Architecture)}, {started.Source.BaseParameters / 1e6:0.0#} M parameters · run {PageHtml.Text(started.RunId)} · {PageHtml.Text(Ending(ended))}"));
        Tiles(page, started, ended, history);
        Evaluations(page, started, history);
        Plots(page, history);
        PageHtml.List(page, "Warnings", history.Warnings);
        Settings(page, header);
        Hashes(page, header, ended);
        return PageHtml.End(page);
    }

    private static string Ending(RunEnded ended) =>
        ended.End == EndReason.AllStepsDone || (ended.Phase == JobPhase.Completed && ended.End is null) ? "completed" : $"{RunStatus.Of(ended.Phase)}: {ended.Reason}";

    private static void Tiles(StringBuilder page, RunStarted started, RunEnded ended, RunHistory history)
    {
        page.Append("<div class=\"tiles\">\n");
        if (history.Evaluations.LastOrDefault(one => one.Adapter) is { } adapter)
            PageHtml.Tile(page, Percent(adapter.ExactMatch), "exact match with the adapter");
        PageHtml.Tile(page, string.Create(CultureInfo.InvariantCulture, $"{ended.Steps:N0} / {started.TotalSteps:N0}"), "steps");
        if (ended.Best is { } best)
            PageHtml.Tile(page, string.Create(CultureInfo.InvariantCulture, $"step {best.Version:N0}"), string.Create(CultureInfo.InvariantCulture, $"best version: {best.Metric} {best.Value:0.####}"));
        if (ended.TrainLoss is { } loss)
            PageHtml.Tile(page, loss.ToString("0.000", CultureInfo.InvariantCulture), "training loss at the end");
        PageHtml.Tile(page, started.Source.TrainedParameters.ToString("N0", CultureInfo.InvariantCulture), $"trained parameters, {Share(started)} of the base");
        page.Append("</div>\n");
    }

    private static void Evaluations(StringBuilder page, RunStarted started, RunHistory history)
    {
        if (history.Evaluations.Count == 0)
            return;
        page.Append(CultureInfo.InvariantCulture, $"""
            <h2>On {history.Evaluations[0].Rows:N0} held-out rows</h2>
            <table>
            <tr><th></th><th>exact match</th>{string.Concat((history.Evaluations[0].Scores ?? []).Select(score => $"<th>{PageHtml.Text(score.Metric)}</th>"))}<th>loss</th><th>prompt tokens per answer</th><th>trained parameters</th></tr>

            """);
        foreach (var one in history.Evaluations)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr{(one.Adapter ? " class=\"adapter\"" : "")}><td>");
            page.Append(PageHtml.Text(one.Adapter ? started.Source.Method : ShotName.Of(one.Shots))).Append("</td>");
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
        var terms = history.Steps[0].Terms;
        Plot(page, "loss", terms.Count == 0 ? "Loss of a labelled token, in nats" : "Loss on answer choices, the weighted sum of three, in nats", history, step => step.Loss, wide: true);
        for (var term = 0; term < terms.Count; term++)
        {
            var number = term;
            Plot(page, terms[term].Key, $"{terms[term].Name}, in nats", history, step => step.Terms.ElementAtOrDefault(number)?.Mean ?? double.NaN, wide: false);
        }
        if (history.Versions.Count > 1)
            Plot(page, "heldout", "Loss of a completion token on the held-out rows, in nats", [.. history.Versions.Select(version => ((double)version.Step, version.Loss))], wide: true);
        Plot(page, "rate", "Learning rate", history, step => step.LearningRate, wide: false);
        Plot(page, "norm", "Norm of the gradient before clipping", history, step => step.GradientNorm, wide: false);
        page.Append("</div>\n");
    }

    private static void Plot(StringBuilder page, string id, string caption, RunHistory history, Func<StepPoint, double> value, bool wide) =>
        Plot(page, id, caption, [.. history.Steps.Select(step => ((double)step.Step, value(step)))], wide);

    private static void Plot(StringBuilder page, string id, string caption, IReadOnlyList<(double Step, double Value)> points, bool wide) =>
        PageHtml.Figure(page, caption, LinePlot.Svg(id, points, wide), wide);

    private static void Settings(StringBuilder page, RunHeader header) =>
        page.Append(CultureInfo.InvariantCulture, $"<h2>Settings</h2>\n<pre>{PageHtml.Text(JobFile.Write(header.Job))}</pre>\n");

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
        page.Append(CultureInfo.InvariantCulture, $"<dt>{PageHtml.Text(name)}</dt><dd><code>{PageHtml.Text(value)}</code></dd>\n");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");

    private static string Share(RunStarted started) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * started.Source.TrainedParameters / started.Source.BaseParameters:0.##} %");
}
