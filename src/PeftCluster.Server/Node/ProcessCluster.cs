using System.Globalization;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Node;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Chaos;
using PeftCluster.Server.Security;

namespace PeftCluster.Server.Node;

/// <summary>
/// A cluster of processes of this executable on this machine, for one job: a coordinator, and as many workers as the job wants, whose messages are
/// delayed and reordered by a seed. All of them end with it.
/// </summary>
internal sealed class ProcessCluster : IRunPlace
{
    private readonly List<NodeSlot> _nodes;
    private readonly RemoteNode _client;

    private ProcessCluster(List<NodeSlot> nodes, RemoteNode client) => (_nodes, _client) = (nodes, client);

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
            return new ProcessCluster(nodes, await RemoteNode.StartAsync(job, new RemoteNodeSettings(system, new ClusterProtection(NodeLauncher.Secret, null, []), time), cancellation));
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
        await _client.DisposeAsync();
        await EndAsync(_nodes);
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
