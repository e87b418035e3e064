using System.Globalization;
using PeftCluster.Data.Preflight;
using Spectre.Console;

namespace PeftCluster.Cli.Rendering;

/// <summary>The check of a job's data, for people: figures, lengths, the first rows. What was found is said below it, by whoever calls.</summary>
internal static class DataCheckText
{
    private const int BarWidth = 30;

    public static void Write(IAnsiConsole console, PreflightReport report)
    {
        if (report is not { Train: { } train, Steps: { } steps })
            return;
        SampleText.WriteLine(console, $"train     {Line(train)}");
        if (report.HeldOut is { } heldOut)
            SampleText.WriteLine(console, $"held out  {Line(heldOut)}; {Figures.Count(report.SharedPrompts ?? 0)} share their prompt with a training row");
        SampleText.WriteLine(console, $"steps     {Line(steps)}");
        foreach (var (heading, line) in report.Choices?.Lines ?? [])
            SampleText.WriteLine(console, $"{heading,-10}{line}");
        foreach (var row in report.LeftOut)
            SampleText.WriteLine(console, $"left out  {row}");
        console.WriteLine();
        console.Write(Lengths(report));
        foreach (var row in report.Samples)
        {
            console.WriteLine();
            SampleText.WriteLine(console, SampleText.Heading(row));
            SampleText.WriteText(console, row);
        }
    }

    private static string Line(SetFigures set) => string.Create(CultureInfo.InvariantCulture,
        $"{set.Counts.Rows:N0} rows, {set.Counts.Tokens:N0} tokens, {Figures.Percent(set.MaskedShare)} of them masked; longest {set.Counts.Longest:N0}; {set.Counts.Truncated:N0} rows cut, {set.Counts.AllLeftOut:N0} left out, {set.Duplicates:N0} duplicates")
        + (set.FirstDuplicate is { } first ? $" (the first: {first})" : "");

    private static string Line(StepFigures steps) => string.Create(CultureInfo.InvariantCulture,
        $"{steps.Steps:N0}, {steps.StepsPerEpoch:N0} an epoch, {steps.Epochs:0.##} epochs; {steps.TokensPerStep:N0} tokens a step, {steps.TokensPerEpoch:N0} an epoch, {steps.LabelsPerEpoch:N0} of them learnt; {Figures.Percent(steps.PaddingShare)} padding ({Together(steps.Rows)})");

    private static string Together(string rows) => rows switch
    {
        "packed" => "rows packed",
        "grouped" => "rows grouped by length",
        _ => "rows in random order",
    };

    private static Table Lengths(PreflightReport report)
    {
        var table = new Table { Border = TableBorder.None };
        table.AddColumn(new TableColumn("tokens").RightAligned().PadLeft(0).PadRight(2).NoWrap());
        table.AddColumn(new TableColumn("train").RightAligned().PadRight(2).NoWrap());
        if (report.HeldOut is not null)
            table.AddColumn(new TableColumn("held out").RightAligned().PadRight(2).NoWrap());
        table.AddColumn(new TableColumn("").NoWrap());
        var most = Math.Max(1, report.Lengths.Max(bin => bin.Train));
        foreach (var bin in report.Lengths.SkipWhile(bin => bin.Train + bin.HeldOut == 0))
        {
            string[] held = report.HeldOut is null ? [] : [Figures.Count(bin.HeldOut)];
            // The smallest bar is one character: a row is not lost.
            var bar = bin.Train == 0 ? "" : new string('▇', Math.Max(1, (int)Math.Round((double)bin.Train / most * BarWidth)));
            table.AddRow([.. ((string[])[$"{Figures.Count(bin.From)} – {Figures.Count(bin.To)}", Figures.Count(bin.Train), .. held, bar]).Select(cell => new Text(cell))]);
        }
        return table;
    }
}
