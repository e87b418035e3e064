using System.Globalization;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Server.Reports;
using PeftCluster.Steps.Measures;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cli.Rendering;

/// <summary>What a run is doing, as lines: with bars for a terminal, without for a file.</summary>
internal static class ProgressText
{
    private const int BarWidth = 20;

    /// <summary>The lines of a live display; none before the first step. The numbers stay on one line: on a narrow screen the sparkline goes, then the bar, then the losses that the loss is made of.</summary>
    /// <param name="progress">What is shown.</param>
    /// <param name="width">Columns of the screen.</param>
    public static IReadOnlyList<string> Live(RunProgress progress, int width = 120)
    {
        if (progress.Evaluating is { } evaluating)
            return [Evaluating(evaluating)];
        if (progress.Last is not { } step)
            return [];
        var share = (double)progress.Done / progress.Total;
        var terms = Terms(step);
        if (Counter(progress).Length + 3 + Numbers(progress, step, terms).Length > width)
            terms = "";
        var numbers = Numbers(progress, step, terms);
        var start = $"{Counter(progress)}  {Sparkline.Progress(share, BarWidth)}";
        if (start.Length + 3 + numbers.Length > width)
            start = Counter(progress);
        // One column more than the numbers need: the blank before the sparkline.
        var room = width - start.Length - 3 - numbers.Length - 1;
        var sparkline = room < 4 ? "" : Sparkline.Of([.. progress.Losses.TakeLast(room)]);
        return [$"{start}   {Numbers(progress, step, sparkline.Length == 0 ? terms : $" {sparkline}{terms}")}", Workers(step)];
    }

    /// <summary>One step as one line without bars.</summary>
    public static string Plain(RunProgress progress, StepCommitted step) => $"{Counter(progress)}  {Numbers(progress, step, Terms(step))}";

    /// <summary>One finished measurement as one line; a version before the last goes by its step.</summary>
    public static string Measured(EvaluationDone done, int totalSteps) => Measured(
        done.Version is { } version && version < totalSteps ? $"step {version}" : NameOf(done.Target.Adapter, done.Target.Shots),
        (done.Metrics.Loss, done.Metrics.ExactMatch, done.Metrics.PromptTokens), done.Metrics.Scores, done.Metrics.Choices);

    public static string Measured(MeasuredTarget one) => Measured(NameOf(one.Adapter, one.Shots), (one.Loss, one.ExactMatch, one.PromptTokens), one.Scores, one.Choices);

    private static string Measured(string name, (double Loss, double ExactMatch, double PromptTokens) means, IReadOnlyList<Score>? scores, ChoiceMetrics? choices) => string.Create(CultureInfo.InvariantCulture,
        $"{name,-10} {(choices is null ? "exact match" : "accuracy")} {Figures.Percent(means.ExactMatch)}{Ranked(choices)} · loss {Figures.Loss(means.Loss)} · {means.PromptTokens:0} prompt tokens{string.Concat((scores ?? []).Select(score => $" · {score.Metric} {Figures.Loss(score.Value)}"))}");

    private static string Ranked(ChoiceMetrics? choices) => choices is null ? "" : $" · macro F1 {Figures.Loss(choices.MacroF1)} · median of templates {TemplateSpread.Of(choices)}";

    private static string NameOf(bool adapter, int shots) => adapter ? "adapter" : ShotName.Of(shots);

    private static string Evaluating(EvaluationProgress progress)
    {
        var name = NameOf(progress.Target.Adapter, progress.Target.Shots);
        var bar = Sparkline.Progress((double)progress.RowsDone / Math.Max(progress.Rows, 1), BarWidth);
        return $"{name,-10} {bar}   measured on {Figures.Count(progress.RowsDone)} of {Figures.Count(progress.Rows)} held-out rows";
    }

    private static string Counter(RunProgress progress)
    {
        var total = progress.Total.ToString(CultureInfo.InvariantCulture);
        return $"step {progress.Done.ToString(CultureInfo.InvariantCulture).PadLeft(total.Length)}/{total}";
    }

    /// <summary>What the loss is made of, where it is made of several.</summary>
    private static string Terms(StepCommitted step) => LossTerm.Of(step) is { Count: > 0 } terms
        ? $" ({string.Join(", ", terms.Select(term => $"{term.Sign} {Figures.Loss(term.Mean)}"))})"
        : "";

    private static string Numbers(RunProgress progress, StepCommitted step, string behindLoss)
    {
        var left = progress.Remaining is { } time ? Figures.Duration(time) : "–";
        return $"loss {Figures.Loss(step.Loss)}{behindLoss}   lr {Figures.Rate(step.LearningRate)}   |g| {Figures.Loss(step.GradientNorm)}   {Figures.Count((long)progress.TokensPerSecond)} tok/s   eta {left}";
    }

    private static string Workers(StepCommitted step) => string.Join("      ", step.Workers.Select(share => string.Create(CultureInfo.InvariantCulture,
        $"  {share.Worker}  shards {string.Join(' ', share.Shards)}   {share.MillisecondsPerShard:0} ms/shard")));
}
