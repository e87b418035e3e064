using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft eval JOB</c>: the held-out rows measured again, with the run's adapter or another one.</summary>
internal static class EvalCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = new JobOptions();
        var adapter = new Option<string?>("--adapter")
        {
            Description = "The adapter to measure. By default the one in output.folder, if there is one.",
            HelpName = "FOLDER",
        };
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("eval", "Measure loss and exact match on the held-out rows: the base with examples in its prompt, and an adapter.");
        job.AddTo(command);
        foreach (var option in (Option[])[adapter, json, verbose])
            command.Add(option);
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var spec = job.Load(parsed);
            var trained = Path.Combine(spec.Output.Folder, "adapter");
            var folder = parsed.GetValue(adapter) ?? (Directory.Exists(trained) ? trained : null);
            var measured = await HeldOutMeasurement.RunAsync(
                spec, folder, one => terminal.Out.WriteLine(ProgressText.Measured(one)), terminal.Warn, interruption.Token);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(new { Adapter = folder, measured[0].Rows, Evaluation = EvaluationResult.Of(measured) }));
            return ExitCode.Done;
        }));
        return command;
    }
}
