using System.Globalization;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Queue;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Server.Security;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Native;

namespace PeftCluster.Server.Node;

/// <summary>A node of a cluster as a process: the cluster's part composed with devices that really compute, or with the made-up arithmetic.</summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private readonly ClusterNode _node;

    private NodeProcess(ClusterNode node, NodeProcessSettings settings)
    {
        _node = node;
        var standby = node.StandsBy is { } leading ? $"; standby: {leading} leads" : "";
        var workers = node.Workers.Count == 0 ? "" : $"; {string.Join(", ", node.Workers.Select(worker => worker[(worker.IndexOf('/', StringComparison.Ordinal) + 1)..]))}, {Threads(settings.Threads)} each";
        Description = $"node {node.Address} is up: {string.Join(", ", settings.Roles)}{standby}{workers}";
    }

    /// <summary>Where coordinators keep their state when nobody says otherwise, a folder for each port.</summary>
    public static string UsualState => Path.Combine(CacheFolder.Default(), "nodes");

    /// <summary>The line that says that it is up.</summary>
    public string Description { get; }

    public string Address => _node.Address;

    /// <summary>Done when the node has ended, as asked or not.</summary>
    public Task Ended => _node.Ended;

    /// <summary>Whether the cluster put it out.</summary>
    public bool WasExpelled => _node.WasExpelled;

    /// <summary>Starts the node.</summary>
    /// <exception cref="BadInputException">An option makes no sense here: a taken port, a folder in use, no such device, an open door.</exception>
    public static async Task<NodeProcess> StartAsync(NodeProcessSettings settings, CancellationToken cancellation)
    {
        var protection = ClusterProtection.Of(settings.SecretFile, settings.CertificateFolder, settings.Time);
        protection.CheckOpen(settings.Listen, settings.IsInsecure);
        var computes = settings.Roles.Contains(NodeRoles.Worker);
        var stock = computes && !settings.IsArithmetic ? new NodeStock(new NodeFolders { Models = settings.Models, Plugins = settings.Plugins }) : null;
        var devices = computes ? Devices(settings, stock) : [];
        var coordinates = settings.Roles.Contains(NodeRoles.Coordinator);
        FaultAction[] planted = [.. settings.Faults.Pass(FaultPoint.NodeStarting).Select(fault => fault.Action)];
        var node = await ClusterNode.StartAsync(new NodeSettings
        {
            System = new SystemSettings
            {
                Roles = settings.Roles,
                Host = settings.Listen.Host,
                Port = settings.Listen.Port,
                PublicHost = settings.Advertise?.Host,
                PublicPort = settings.Advertise is { Port: > 0 } place ? place.Port : null,
                Seeds = settings.Joins,
                Files = [.. settings.Roles, .. protection.Files],
                Setups = settings.Faults.IsPlanted ? [.. protection.Setups, new FaultSetup(settings.Faults)] : protection.Setups,
                Own = settings.Own,
                Logger = settings.Logger,
                Patience = coordinates ? TimeSpan.FromMinutes(1) : TimeSpan.FromMinutes(5),
            },
            Build = planted.Contains(FaultAction.OtherBuild) ? $"{settings.Build}-other" : settings.Build,
            Devices = devices,
            Shelf = stock?.Fetched,
            ShelfPort = coordinates ? 0 : settings.BytesPort,
            Threads = settings.Threads,
            Secret = protection.Secret,
            Tls = protection.Tls,
            Coordinator = coordinates ? Coordinator(settings) : null,
            Time = settings.Time,
            OverTcp = planted.Contains(FaultAction.OverTcp),
            Faults = settings.Faults,
            Tell = settings.Tell,
        }, cancellation);
        return new NodeProcess(node, settings);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private static CoordinatorSettings Coordinator(NodeProcessSettings settings) => new()
    {
        StateFolder = settings.StateFolder,
        BytesPort = settings.BytesPort,
        Database = settings.Database,
        Files = settings.Faults.IsPlanted ? new FaultyDisk(new DiskFiles(), settings.Faults) : new DiskFiles(),
        Catalog = settings.IsArithmetic ? new ArithmeticCatalog() : new RowCatalog(Path.Combine(settings.StateFolder, "rows")),
    };

    private static IReadOnlyList<IStepSourceFactory> Devices(NodeProcessSettings settings, NodeStock? stock)
    {
        if (stock is null)
            return [.. Enumerable.Range(0, settings.Workers).Select(number => new ArithmeticSourceFactory(string.Create(CultureInfo.InvariantCulture, $"cpu:{number}")))];
        return [.. ComputeDevice.For(settings.Device, settings.Workers).Select(device => new NodeSourceFactory(device, settings.Threads, stock))];
    }

    private static string Threads(int number) => string.Create(CultureInfo.InvariantCulture, $"{number} thread{(number == 1 ? "" : "s")}");
}
