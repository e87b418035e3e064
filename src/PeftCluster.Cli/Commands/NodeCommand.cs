using System.CommandLine;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Node;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft node</c>: this process becomes a node of a cluster and stays one until it is told to stop, or is expelled (exit code 255).</summary>
internal static class NodeCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new NodeOptionSet();
        var command = new Command("node", "Run a node of a cluster until it is stopped. Exit code 255: the cluster expelled it; start it again.");
        options.AddTo(command);
        command.SetAction(parsed => new Ending(terminal, json: false, parsed.GetValue(options.Verbose)).OfAsync(async () =>
        {
            using var interruption = new Interruption();
            if (parsed.GetValue(options.EndWithInput))
                _ = Task.Run(EndWithInputAsync);
            var settings = options.Settings(parsed, line => terminal.Error.WriteLine(line));
            await using var log = LogFile.Open(settings.Log, parsed.GetValue(options.Verbose));
            try
            {
                await using var node = await NodeProcess.StartAsync(settings with { Logger = log }, interruption.Token);
                terminal.Out.WriteLine(node.Description);
                return await EndAsync(terminal, node, interruption);
            }
            catch (ExpelledException expelled)
            {
                terminal.Error.WriteLine(expelled.Message);
                return ExitCode.Expelled;
            }
        }));
        return command;
    }

    /// <summary>Whoever started this process holds the other end of its input. A process that has nobody any more must not go on, nor stop to say good-bye.</summary>
    private static async Task EndWithInputAsync()
    {
        await using var input = Console.OpenStandardInput();
        while (await input.ReadAsync(new byte[64]) > 0)
            continue;
        ProcessSignal.Kill(Environment.ProcessId);
        Environment.Exit((int)ExitCode.Failed);
    }

    private static async Task<ExitCode> EndAsync(Terminal terminal, NodeProcess node, Interruption interruption)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        interruption.Take(() => asked.TrySetResult(), () => { });
        if (await Task.WhenAny(node.Ended, asked.Task) == asked.Task)
            return ExitCode.Done;
        if (node.WasExpelled)
            throw new ExpelledException();
        terminal.Error.WriteLine("the node has ended by itself. The log has more.");
        return ExitCode.Failed;
    }
}
