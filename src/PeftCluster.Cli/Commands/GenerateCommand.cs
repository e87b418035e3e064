using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft generate</c>: one answer of the base model, or of the base with an adapter.</summary>
internal static class GenerateCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = new Option<string>("--model") { Description = "The base model's folder.", HelpName = "FOLDER", Required = true };
        var adapter = new Option<string?>("--adapter") { Description = "An adapter in the Hugging Face PEFT layout.", HelpName = "FOLDER" };
        var prompt = new Option<string>("--prompt") { Description = "The text to go on from.", HelpName = "TEXT", Required = true };
        var most = new Option<int>("--max-new-tokens") { Description = "The most tokens of the answer.", HelpName = "N", DefaultValueFactory = _ => 64 };
        var device = new Option<string>("--device") { Description = "Where to compute: auto, cpu or cuda:N.", HelpName = "DEVICE", DefaultValueFactory = _ => "auto" };
        var (json, verbose) = (JobOptions.Json("Print one JSON object."), JobOptions.Verbose());
        most.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 4096)
                result.AddError("--max-new-tokens: 1 to 4096 are allowed");
        });
        var command = new Command("generate", "Answer a prompt by greedy decoding.") { model, adapter, prompt, most, device, json, verbose };
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var text = await TextAnswer.OfAsync(
                new TextQuestion(parsed.GetRequiredValue(model), parsed.GetValue(adapter), parsed.GetRequiredValue(prompt), parsed.GetValue(most), parsed.GetRequiredValue(device)),
                line => terminal.Error.WriteLine($"warning  {line}"), interruption.Token);
            terminal.Out.WriteLine(parsed.GetValue(json) ? JsonLine.Of(new { Text = text }) : text);
            return ExitCode.Done;
        }));
        return command;
    }
}
