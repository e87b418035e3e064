using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Data.Preflight;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft data</c>: what the model will see, before any model loads.</summary>
internal static class DataCommand
{
    public static Command Create(Terminal terminal) =>
        new("data", "Look at a job's data as the model gets it, before any model loads.") { Check(terminal), Show(terminal) };

    private static Command Check(Terminal terminal)
    {
        var job = new JobOptions();
        var html = new Option<string?>("--html") { Description = "Write the report as a page too: figures, lengths, the first rows.", HelpName = "FILE" };
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("check", "Prepare and check a job's data: row counts, lengths, masked tokens, duplicates, steps, and the errors that fine-tunes fail by. Exit code 2: something is refused.");
        job.AddTo(command, withDevice: false);
        foreach (var option in (Option[])[html, json, verbose])
            command.Add(option);
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var spec = job.Load(parsed);
            var report = await PreparationScreen.ShowAsync(terminal, preparing => DataInspection.CheckAsync(spec, new NodeFolders(), preparing, interruption.Token));
            DataCheckText.Write(RunScreen.ConsoleOf(terminal), report);
            foreach (var finding in report.Findings.Where(finding => finding.Severity == Severity.Warning))
                terminal.Warn(finding.Text);
            foreach (var refusal in report.Refusals)
                terminal.Error.WriteLine(refusal.Text);
            if (parsed.GetValue(html) is { } page)
                DataPage.Write(page, spec.Name, report);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(report));
            return report.Refusals.Any() ? ExitCode.BadInput : ExitCode.Done;
        }));
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var job = new JobOptions();
        var row = new Option<int>("--row") { Description = "The row's number among those that are kept, from 1.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var heldOut = new Option<bool>("--held-out") { Description = "A held-out row instead of a training row." };
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("show", "Show one row as the model gets it: its tokens with their ids, which of them are learnt, and where it stands.");
        job.AddTo(command, withDevice: false);
        foreach (var option in (Option[])[row, heldOut, json, verbose])
            command.Add(option);
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var spec = job.Load(parsed);
            var sample = await PreparationScreen.ShowAsync(
                terminal, preparing => DataInspection.ShowAsync(spec, parsed.GetValue(heldOut), parsed.GetValue(row), new NodeFolders(), preparing, interruption.Token));
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(sample));
            else
                SampleText.WriteTokens(RunScreen.ConsoleOf(terminal), sample);
            return ExitCode.Done;
        }));
        return command;
    }
}
