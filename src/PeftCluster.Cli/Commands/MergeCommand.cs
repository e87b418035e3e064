using System.CommandLine;
using System.Globalization;
using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft merge</c>: base and adapter as one model, checked before it gets its name.</summary>
internal static class MergeCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("BASE") { Description = "The base model's folder, or its name in the Hugging Face cache." };
        var adapter = new Argument<string>("ADAPTER") { Description = "The adapter's folder." };
        var target = new Argument<string>("OUT") { Description = "The folder to make. It must not exist yet." };
        var plugins = new PluginOption();
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("merge", "Fold an adapter into its base model: weights in the base's format and files, which load without PEFT.") { model, adapter, target, plugins.Files, json, verbose };
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            plugins.Open(parsed);
            var result = await ModelMerge.OfAsync(
                parsed.GetRequiredValue(model), parsed.GetRequiredValue(adapter), parsed.GetRequiredValue(target), terminal.Warn, interruption.Token);
            terminal.Out.WriteLine(parsed.GetValue(json) ? JsonLine.Of(result) : string.Create(CultureInfo.InvariantCulture,
                $"merged   {result.Adapter} into {Figures.Count(result.ChangedTensors)} tensors\nmodel    {result.Folder}   {Figures.Bytes(result.Bytes)}\nchecked  logits differ by {result.LogitDifference:0.0e+0} of the largest; {result.LogitLimit:0.0e+0} is allowed"));
            return ExitCode.Done;
        }));
        return command;
    }
}
