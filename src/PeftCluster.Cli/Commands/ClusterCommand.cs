using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Cluster.Node;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft cluster</c>: questions about a cluster, and what it needs.</summary>
internal static class ClusterCommand
{
    public static Command Create(Terminal terminal) =>
        new("cluster", "Look at a cluster.") { StatusCommand(terminal) };

    private static Command StatusCommand(Terminal terminal)
    {
        var place = new Argument<string>("PLACE")
        {
            Description = "A node of the cluster, host:port.",
            DefaultValueFactory = _ => $"127.0.0.1:{HostPort.Usual}",
        };
        var (json, verbose) = (JobOptions.Json("Print one JSON object."), JobOptions.Verbose());
        var options = new ClusterOptions();
        var command = new Command("status", "Show members, devices, memory, numeric class, build and current work.") { place };
        options.AddTo(command);
        command.Add(json);
        command.Add(verbose);
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var where = HostPort.Parse(parsed.GetRequiredValue(place), "PLACE");
            var told = await ClusterQuestion.AskAsync(where, options.Remote(parsed, where, advertise: null).System, interruption.Token);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(told));
            else
                StatusText.Write(terminal.Out, told);
            return told.Notice is null ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }
}
