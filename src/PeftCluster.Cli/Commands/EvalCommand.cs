using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Jobs;
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
        var samples = new Option<string?>("--samples")
        {
            Description = "Write what was measured of each row into this file, a JSON object a line.",
            HelpName = "FILE.jsonl",
        };
        var prompting = new PromptingOptions();
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("eval", "Measure the held-out rows: the base with examples in its prompt, and an adapter.");
        job.AddTo(command);
        prompting.AddTo(command);
        foreach (var option in (Option[])[adapter, samples, json, verbose])
            command.Add(option);
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var spec = job.Load(parsed, prompting.Overrides(parsed));
            var trained = Path.Combine(spec.Output.Folder, "adapter");
            var folder = parsed.GetValue(adapter) ?? (Directory.Exists(trained) ? trained : null);
            using var file = parsed.GetValue(samples) is { } path ? Begun(path) : null;
            var measured = await HeldOutMeasurement.RunAsync(
                spec, folder, one => terminal.Out.WriteLine(ProgressText.Measured(one)), terminal.Warn, file, interruption.Token);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(new { Adapter = folder, measured[0].Rows, Evaluation = EvaluationResult.Of(measured) }));
            return ExitCode.Done;
        }));
        return command;
    }

    private static SampleFile Begun(string path)
    {
        try
        {
            return new SampleFile(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--samples: {path}: cannot be written: {refused.Message}", refused);
        }
    }
}
