using System.Globalization;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Node;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Chaos;
using PeftCluster.Server.Security;

namespace PeftCluster.Server.Node;

/// <summary>
/// A cluster of processes of this executable on this machine, for one job: a coordinator, and as many workers as the job wants, whose messages are
/// delayed and reordered by a seed. A worker that is put out, as happens where a machine is too busy for its heartbeats, is started again. All of them end with it.
/// </summary>
internal sealed class ProcessCluster : IRunPlace
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    private readonly List<NodeSlot> _nodes;
    private readonly RemoteNode _client;
    private readonly CancellationTokenSource _closing = new();

    private ProcessCluster(List<NodeSlot> nodes, RemoteNode client, TimeProvider time)
    {
        (_nodes, _client) = (nodes, client);
        Broken = SuperviseAsync(time);
    }

    /// <summary>Done when a node has ended that is not started again, with the line that says so: its run waits for it in vain.</summary>
    public Task<string> Broken { get; }

    /// <summary>Starts everything; done when all nodes are members.</summary>
    /// <param name="job">The job; resources.workers says how many.</param>
    /// <param name="seed">Draws delays and orders.</param>
    /// <param name="folder">Where the nodes' state goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends starting.</param>
    /// <exception cref="Jobs.BadInputException">The job cannot run here.</exception>
    /// <exception cref="InvalidOperationException">A node did not come up; the line is its own.</exception>
    public static async Task<ProcessCluster> StartAsync(JobSpec job, long seed, string folder, TimeProvider time, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var nodes = new List<NodeSlot>();
        try
        {
            var coordinator = await AddAsync("coordinator", ["--roles", "coordinator"]);
            for (var number = 1; number <= job.Resources.Workers!.Value.Max; number++)
                await AddAsync(string.Create(CultureInfo.InvariantCulture, $"worker{number}"),
                    ["--roles", "worker", "--join", coordinator.Address, "--device", job.Resources.Device, "--threads", job.Resources.Threads.ToString(CultureInfo.InvariantCulture), .. PluginWords(job)]);
            var system = new SystemSettings { Roles = [NodeRoles.Client], Seeds = [coordinator.Address], Files = ["client"] };
            return new ProcessCluster(nodes, await RemoteNode.StartAsync(job, new RemoteNodeSettings(system, new ClusterProtection(NodeLauncher.Secret, null, []), time), cancellation), time);
        }
        catch
        {
            await EndAsync(nodes);
            throw;
        }

        async Task<NodeSlot> AddAsync(string name, string[] words)
        {
            var slot = new NodeSlot(name, [], ["--listen", "127.0.0.1:0", "--state", Path.Combine(folder, name), .. words], folder, (_, files) => Disturbed(seed, files));
            nodes.Add(slot);
            slot.Start();
            await slot.UpAsync(time, cancellation);
            return slot;
        }
    }

    /// <summary>What lets a worker node of this machine run the job's plugins.</summary>
    internal static IEnumerable<string> PluginWords(JobSpec job) =>
        job.Plugins.Select(plugin => Path.GetDirectoryName(plugin.Path)!).Distinct().SelectMany(folder => (string[])["--plugins", folder]);

    public Task<NodeRun> SubmitAsync(JobSpec job, string jobPath, SubmitOptions options, CancellationToken cancellation) =>
        _client.SubmitAsync(job, jobPath, options with { Disturbance = null }, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await ((Task)Broken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _client.DisposeAsync();
        await EndAsync(_nodes);
        _closing.Dispose();
    }

    private async Task<string> SuperviseAsync(TimeProvider time)
    {
        while (true)
        {
            foreach (var node in _nodes.Where(node => node.Now.HasEnded))
                if (node != _nodes[0] && node.MayStartAgain && node.Now.WasExpelled)
                    node.Start();
                else
                    return $"{node.Name} has ended: {node.Said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault("it said nothing")}";
            await Task.Delay(_look, time, _closing.Token);
        }
    }

    private static FaultPlan Disturbed(long seed, NodeFiles files) => new(seed, files.Strikes,
    [
        new Fault(FaultPoint.MessageToWorker, FaultAction.Delay, Times: 0, Chance: 0.2, Amount: 3),
        new Fault(FaultPoint.MessageToRun, FaultAction.Reorder, Times: 0, Chance: 0.2),
        new Fault(FaultPoint.MessageToRun, FaultAction.Duplicate, Times: 0, Chance: 0.1),
    ]);

    private static async Task EndAsync(List<NodeSlot> nodes)
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
    }
}
