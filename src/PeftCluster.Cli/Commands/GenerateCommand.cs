using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft generate</c>: one answer of the base model, or of the base with an adapter.</summary>
internal static class GenerateCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = new Option<string>("--model") { Description = "The base model's folder, or its name in the Hugging Face cache (ORG/NAME).", HelpName = "FOLDER", Required = true };
        var adapter = new Option<string?>("--adapter") { Description = "An adapter in the Hugging Face PEFT layout.", HelpName = "FOLDER" };
        var prompt = new Option<string>("--prompt") { Description = "The text to go on from.", HelpName = "TEXT", Required = true };
        var plugins = new PluginOption();
        var decoding = new DecodingOptions();
        var device = new Option<string>("--device") { Description = "Where to compute: auto, cpu or cuda:N.", HelpName = "DEVICE", DefaultValueFactory = _ => "auto" };
        var dtype = BaseDtypeOption.Create("The base's number format in memory");
        var (json, verbose) = (JobOptions.Json("Print one JSON object."), JobOptions.Verbose());
        var command = new Command("generate", "Answer a prompt: by the likeliest tokens, by drawn ones, or by following beams.") { model, adapter, prompt };
        decoding.AddTo(command);
        foreach (var option in new Option[] { plugins.Files, device, dtype, json, verbose })
            command.Add(option);
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            plugins.Open(parsed);
            var question = new TextQuestion(
                parsed.GetRequiredValue(model), parsed.GetValue(adapter), parsed.GetRequiredValue(prompt), decoding.Read(parsed), decoding.Stops(parsed), parsed.GetRequiredValue(device), BaseDtypeOption.Read(parsed, dtype));
            var whole = parsed.GetValue(json);
            var text = await TextAnswer.OfAsync(question, whole ? null : Write, terminal.Warn, interruption.Token);
            terminal.Out.WriteLine(whole ? JsonLine.Of(new { Text = text }) : "");
            return ExitCode.Done;
        }));
        return command;

        void Write(string piece)
        {
            terminal.Out.Write(piece);
            terminal.Out.Flush();
        }
    }
}
