using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Node;
using PeftCluster.Training.Inspection;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft adapter</c>: what can be asked of adapters, and done with them, without their base model.</summary>
internal static class AdapterCommand
{
    public static Command Create(Terminal terminal) =>
        new("adapter", "Look at adapters, compare them, combine them; no base model is needed.") { Show(terminal), Diff(terminal), CombineCommand.Create(terminal) };

    private static Command Show(Terminal terminal)
    {
        var folder = new Argument<string>("FOLDER") { Description = "The adapter's folder, ours or anybody's." };
        var (all, json, verbose) = (All(), JobOptions.Json("Print one JSON object."), JobOptions.Verbose());
        var command = new Command("show", "Show what an adapter is: method, targets, scales, tensors with their norms, and what is wrong with it.") { folder, all, json, verbose };
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var facts = await LocalProcessor.RunAsync(token => AdapterInspection.Of(parsed.GetRequiredValue(folder), terminal.Warn, token), interruption.Token);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(facts));
            else
                AdapterText.Write(terminal.Out, facts, parsed.GetValue(all));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Diff(Terminal terminal)
    {
        var first = new Argument<string>("A") { Description = "An adapter's folder." };
        var second = new Argument<string>("B") { Description = "Another one's." };
        var (all, json, verbose) = (All(), JobOptions.Json("Print one JSON object."), JobOptions.Verbose());
        var command = new Command("diff", "Compare two adapters: configuration, tensors, and what LoRA adds to each weight. Exit code 0: the same, 1: they differ.") { first, second, all, json, verbose };
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var difference = await LocalProcessor.RunAsync(token => AdapterComparison.Of(parsed.GetRequiredValue(first), parsed.GetRequiredValue(second), terminal.Warn, token), interruption.Token);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(difference));
            else
                DifferenceText.Write(terminal.Out, difference, parsed.GetValue(all));
            return difference.Same ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static Option<bool> All() => new("--all") { Description = "A line for each tensor, instead of one for all layers together." };
}
