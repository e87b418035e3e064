using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft doctor</c>: whether this machine can train, and what it would train on.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = JobOptions.Json("Print one JSON object.");
        var threads = new Option<int>("--threads")
        {
            Description = "Threads that one worker computes with (resources.threads).",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        }.Between(1, 256);
        var command = new Command("doctor", "Check this machine: device, libtorch, numeric class, processors and memory.") { threads, json };
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), verbose: false).OfAsync(() =>
            Task.FromResult(Run(terminal, parsed.GetValue(threads), parsed.GetValue(json)))));
        return command;
    }

    private static ExitCode Run(Terminal terminal, int threads, bool json)
    {
        var machine = MachineReport.Look(threads);
        if (json)
            terminal.Out.WriteLine(JsonLine.Of(machine));
        else
            DoctorText.Write(terminal.Out, machine);
        return machine.Fit ? ExitCode.Done : ExitCode.Failed;
    }
}
