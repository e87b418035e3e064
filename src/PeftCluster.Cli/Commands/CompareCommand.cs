using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Cluster.Node;
using PeftCluster.Jobs.Spec.Comparison;
using PeftCluster.Server.Comparing;
using PeftCluster.Server.Node;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft compare FILE</c>: prompting and methods on the same base, data and seeds, in one table and one page.</summary>
internal static class CompareCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "The comparison (compare.yaml): what all jobs share, prompts, and methods." };
        var seeds = new Option<string?>("--seeds") { Description = "Seeds in the place of the file's, as 0-4 or 0,1,32. A seed draws the examples and everything else that is random.", HelpName = "SEEDS" };
        var set = new Option<string[]>("--set") { Description = "Override a key of every job, for example training.max_steps=50. May be repeated.", HelpName = "KEY=VALUE", DefaultValueFactory = _ => [] };
        var output = new Option<string?>("--output") { Description = "The folder of the table, the page and the runs, in the place of the file's.", HelpName = "FOLDER" };
        var quiet = new Option<bool>("--quiet") { Description = "Print the table and errors only." };
        var cluster = new Option<string?>("--cluster") { Description = "Run the jobs on the cluster of this node instead of in this process.", HelpName = "HOST:PORT" };
        var advertise = new Option<string?>("--advertise") { Description = "With --cluster: what the cluster's nodes call this machine, where they cannot find out.", HelpName = "HOST" };
        var reach = new ClusterOptions();
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("compare", "Compare prompting with zero and more examples and any methods, on the same model, data and seeds. Started again, it goes on where it stopped.") { file };
        foreach (var option in (Option[])[seeds, set, output, cluster, advertise])
            command.Add(option);
        reach.AddTo(command);
        foreach (var option in (Option[])[json, quiet, verbose])
            command.Add(option);
        command.SetAction(parsed => new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose)) { Stopped = "paused; the same command goes on from here" }.OfAsync(async () =>
        {
            using var interruption = new Interruption();
            var path = parsed.GetRequiredValue(file);
            var spec = ComparisonFile.Load(
                path, parsed.GetRequiredValue(set), parsed.GetValue(seeds) is { } given ? SeedList.Parse(given, "--seeds") : null, parsed.GetValue(output), PluginHost.OfPaths);
            var remote = parsed.GetValue(cluster) is { } place ? reach.Remote(parsed, HostPort.Parse(place, "--cluster"), parsed.GetValue(advertise)) : null;
            var running = new ComparisonRun(spec, new ComparisonRun.Settings(
                async (job, token) => remote is null ? await EmbeddedNode.StartAsync(job, new NodeOptions(), token) : await RemoteNode.StartAsync(job, remote, token),
                new NodeFolders(), TimeProvider.System));
            var table = await running.RunAsync(path, report => Say(terminal, report, parsed.GetValue(quiet)), interruption.Token);
            var page = ComparisonPage.Write(spec.Folder, table);
            ComparisonText.Write(terminal.Out, table, page);
            foreach (var failed in table.Failed)
                terminal.Error.WriteLine(FormattableString.Invariant($"{failed.Arm}, seed {failed.Seed}: {failed.Reason}"));
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(JsonLine.Of(ComparisonResult.Of(table, spec.Folder)));
            return table.Failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static void Say(Terminal terminal, JobReport report, bool quiet)
    {
        if (!quiet)
            terminal.Out.WriteLine(ComparisonText.Line(report));
    }
}
