using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Server.Node;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft methods</c>: what <c>method.type</c> can say, and what each would train in a model.</summary>
internal static class MethodsCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = new Option<string?>("--model") { Description = "A model's folder or config.json: count what each method trains in it. No weights are read.", HelpName = "PATH" };
        var plugins = new PluginOption();
        var json = JobOptions.Json("Print one JSON object.");
        var command = new Command("methods", "List the methods with their default learning rates, and what each trains in a model with its defaults.") { model, plugins.Files, json };
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), verbose: false).OfAsync(() =>
        {
            var methods = MethodFacts.All(parsed.GetValue(model), plugins.References(parsed));
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(new { Methods = methods }));
            else
                MethodsText.Write(terminal.Out, methods);
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }
}
