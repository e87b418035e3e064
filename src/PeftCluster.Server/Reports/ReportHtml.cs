using System.Globalization;
using System.Text;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using static System.FormattableString;

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
        (ended.End == EndReason.AllStepsDone && ended.Steps > 0) || (ended.Phase == JobPhase.Completed && ended.End is null) ? "completed" : $"{RunStatus.Of(ended.Phase)}: {ended.Reason}";

    private static void Tiles(StringBuilder page, RunStarted started, RunEnded ended, RunHistory history)
    {
        page.Append("<div class=\"tiles\">\n");
        if (history.Evaluations.LastOrDefault(one => one.Adapter) is { } adapter)
            PageHtml.Tile(page, PageHtml.Percent(adapter.ExactMatch), $"{(adapter.Choices is null ? "exact match" : "accuracy")} with the adapter");
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
        var first = history.Evaluations[0];
        string[] names = ["", .. Named(first), "loss", "prompt tokens per answer", "trained parameters"];
        page.Append(CultureInfo.InvariantCulture, $"<h2>On {first.Rows:N0} held-out rows</h2>\n<table>\n<tr>{string.Concat(names.Select(name => $"<th>{PageHtml.Text(name)}</th>"))}</tr>\n");
        foreach (var one in history.Evaluations)
        {
            string[] cells = [one.Adapter ? started.Source.Method : ShotName.Of(one.Shots), .. Measured(one), Invariant($"{one.Loss:0.000}"), Invariant($"{one.PromptTokens:0.#}"), one.Adapter ? Share(started) : "–"];
            page.Append(CultureInfo.InvariantCulture, $"<tr{(one.Adapter ? " class=\"adapter\"" : "")}>{string.Concat(cells.Select(cell => $"<td>{PageHtml.Text(cell)}</td>"))}</tr>\n");
        }
        page.Append("</table>\n");
        foreach (var one in history.Evaluations)
            Confusion(page, one, one.Adapter ? started.Source.Method : ShotName.Of(one.Shots));
    }

    private static IEnumerable<string> Named(MeasuredTarget first) =>
        [first.Choices is null ? "exact match" : "accuracy", .. first.Choices is null ? [] : new[] { "macro F1", "median of templates (quartiles)" }, .. (first.Scores ?? []).Select(score => score.Metric)];

    private static IEnumerable<string> Measured(MeasuredTarget one) =>
        [PageHtml.Percent(one.ExactMatch), .. one.Choices is { } choices ? new[] { Invariant($"{choices.MacroF1:0.000}"), TemplateSpread.Of(choices) } : [], .. (one.Scores ?? []).Select(score => Invariant($"{score.Value:0.000}"))];

    /// <summary>How often each choice was answered where each was right.</summary>
    private static void Confusion(StringBuilder page, MeasuredTarget one, string name)
    {
        if (one.Choices is not { } choices)
            return;
        var numbers = Enumerable.Range(1, choices.Confusion.Count);
        page.Append(CultureInfo.InvariantCulture, $"<details><summary>{PageHtml.Text(name)}: which choice was answered for which; accuracy of each template: {string.Join(", ", choices.Templates.Select(PageHtml.Percent))}</summary>\n<table>\n");
        page.Append(CultureInfo.InvariantCulture, $"<tr><th>right ↓ answered →</th>{string.Concat(numbers.Select(number => $"<th>{number}</th>"))}</tr>\n");
        foreach (var (right, counts) in numbers.Zip(choices.Confusion))
            page.Append(CultureInfo.InvariantCulture, $"<tr><th>{right}</th>{string.Concat(counts.Select(count => $"<td>{count:N0}</td>"))}</tr>\n");
        page.Append("</table>\n</details>\n");
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
        Entry(page, "adapter", ended.AdapterSha256 is { } sha ? $"sha256 {sha}" : ended.Phase == JobPhase.Completed ? "none: nothing was trained" : "none yet");
        Entry(page, "base", $"sha256 {header.Base.Sha256}");
        Entry(page, "numeric class", header.Node.NumericClass);
        Entry(page, "workers", string.Join(", ", header.Node.Devices));
        page.Append("</dl>\n");
    }

    private static void Entry(StringBuilder page, string name, string value) =>
        page.Append(CultureInfo.InvariantCulture, $"<dt>{PageHtml.Text(name)}</dt><dd><code>{PageHtml.Text(value)}</code></dd>\n");

    private static string Share(RunStarted started) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * started.Source.TrainedParameters / started.Source.BaseParameters:0.##} %");
}
