using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Cluster.Node;
using PeftCluster.Server.Security;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft cluster</c>: questions about a cluster, and what it needs.</summary>
internal static class ClusterCommand
{
    public static Command Create(Terminal terminal) =>
        new("cluster", "Look at a cluster, and make what it needs.") { StatusCommand(terminal), CertificatesCommand(terminal) };

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

    private static Command CertificatesCommand(Terminal terminal)
    {
        var folder = new Option<string>("--out") { Description = "Where they go: a folder for each machine, and one for the authority, which stays with you.", HelpName = "FOLDER", DefaultValueFactory = _ => "tls" };
        var hosts = new Option<string>("--hosts") { Description = "The machines' names, with commas between them.", HelpName = "NAME,…", Required = true };
        var days = new Option<int>("--days") { Description = "How long they hold.", HelpName = "N", DefaultValueFactory = _ => 365 }.Between(1, 3650);
        var command = new Command("certificates", "Make an authority and a certificate for each machine, for --tls. Called again it adds machines.") { folder, hosts, days };
        command.SetAction(parsed => new Ending(terminal, json: false, verbose: false).OfAsync(() =>
        {
            var names = parsed.GetRequiredValue(hosts).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            foreach (var made in ClusterCertificates.Make(parsed.GetRequiredValue(folder), names, parsed.GetValue(days), TimeProvider.System.GetUtcNow()))
                terminal.Out.WriteLine(made);
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }
}
