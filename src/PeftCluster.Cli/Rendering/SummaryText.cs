using System.Globalization;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using PeftCluster.Training.Peft;
using Spectre.Console;

namespace PeftCluster.Cli.Rendering;

/// <summary>The block below a run: what was learnt against what it costs, where everything lies, what to do next.</summary>
internal static class SummaryText
{
    public static void Write(IAnsiConsole console, RunOutcome outcome)
    {
        console.WriteLine();
        if (outcome.Evaluations.Count > 0)
        {
            console.Write(Table(outcome));
            console.WriteLine();
        }
        foreach (var line in Lines(outcome))
            console.Write(new Text($"{line}\n"));
    }

    private static Table Table(RunOutcome outcome)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        table.AddColumn(new TableColumn("").PadLeft(1).PadRight(3));
        foreach (var name in (string[])["accuracy", .. outcome.Evaluations[0].Choices is null ? [] : new[] { "macro F1", "median of templates" }, .. (outcome.Evaluations[0].Scores ?? []).Select(score => score.Metric), "loss", "prompt tokens per answer", "trainable parameters"])
            table.AddColumn(new TableColumn(name).RightAligned().PadRight(3).NoWrap());
        foreach (var one in outcome.Evaluations)
            table.AddRow([.. Cells(outcome, one).Select(cell => new Text(cell, one.Adapter ? new Style(decoration: Decoration.Bold) : Style.Plain))]);
        return table;
    }

    private static string[] Cells(RunOutcome outcome, MeasuredTarget one) =>
    [
        one.Adapter ? outcome.Started?.Source.Method ?? "adapter" : ShotName.Of(one.Shots),
        Figures.Percent(one.ExactMatch),
        .. one.Choices is { } choices ? new[] { Figures.Loss(choices.MacroF1), TemplateSpread.Of(choices) } : [],
        .. (one.Scores ?? []).Select(score => Figures.Loss(score.Value)),
        Figures.Loss(one.Loss),
        one.PromptTokens.ToString("0", CultureInfo.InvariantCulture),
        one.Adapter ? Trained(outcome) : "–",
    ];

    private static string Trained(RunOutcome outcome) => outcome.Started is { Source: var source }
        ? $"{Figures.Count(source.TrainedParameters)} ({Figures.SmallPercent((double)source.TrainedParameters / Math.Max(source.BaseParameters, 1))})"
        : "–";

    private static IEnumerable<string> Lines(RunOutcome outcome)
    {
        var (header, ended) = (outcome.Header, outcome.Ended);
        yield return $"{RunStatus.Of(ended.Phase),-9} {Figures.Count(ended.Steps)} steps in {Figures.Duration(outcome.Elapsed)}{(IsPlainly(outcome) ? "" : $": {ended.Reason}")}";
        if (ended.Best is { } best)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"best      at step {best.Version}: {best.Metric} {best.Value:0.####}{(ended.AdapterVersion == best.Version ? "; the adapter is that version" : "")}");
        if (ended.AdapterFolder is { } adapter)
            yield return $"adapter   {Near(adapter)}   sha256 {ended.AdapterSha256?[..12]}…{Loading(header.Job.Method)}";
        if (File.Exists(header.Folder.Report))
            yield return $"report    {Near(header.Folder.Report)}";
        if (ended.Phase == JobPhase.Failed)
            yield return $"log       {Near(header.Folder.Log)}";
        foreach (var (index, command) in Next(outcome).Index())
            yield return $"{(index == 0 ? "next" : ""),-9} {command}";
    }

    // Every step was made: nothing more is to be said.
    private static bool IsPlainly(RunOutcome outcome) =>
        outcome.Ended is { Phase: JobPhase.Completed, End: not EndReason.EarlyStopped, Steps: > 0 };

    private static IEnumerable<string> Next(RunOutcome outcome)
    {
        var header = outcome.Header;
        switch (outcome.Ended.Phase)
        {
            case JobPhase.Completed when outcome.Ended.AdapterFolder is { } adapter:
                yield return $"peft generate --model {Near(header.Job.Model)} --adapter {Near(adapter)}{Plugins(header.Job)} --prompt \"…\"";
                yield return $"peft verify same-bits {header.JobPath}";
                break;
            case JobPhase.Paused:
                yield return $"peft train {header.JobPath} --resume";
                break;
        }
    }

    private static string Loading(MethodSpec method) => PeftMethods.All.FirstOrDefault(known => known.Spec == method.GetType())?.Library switch
    {
        "peft" => "   loads in Hugging Face PEFT as it is",
        "adapters" => "   loads in AdapterHub's adapters as it is",
        _ => "",
    };

    // An adapter's folder does not say which plugin reads it.
    private static string Plugins(JobSpec job) => MethodRegistry.Records.ContainsKey(job.Method.Type) ? "" : string.Concat(job.Plugins.Select(plugin => $" --plugin {Near(plugin.Path)}"));

    /// <summary>Paths below the current folder as the user would write them.</summary>
    private static string Near(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
