using Akka.Actor;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Cluster.Worker;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// One process of a cluster: its actor system, and on it what its roles need. A coordinator takes its folder first and is reached last: nobody
/// finds half of it. The order of the end is the reverse.
/// </summary>
public sealed class ClusterNode : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _parts;
    private readonly ClusterSystem _system;
    private readonly CoordinatorPlace? _place;
    private bool _isForsaken;

    private ClusterNode(ClusterSystem system, CoordinatorPlace? place, Stack<IAsyncDisposable> parts, IReadOnlyList<string> workers) =>
        (_system, _place, _parts, Workers) = (system, place, parts, workers);

    /// <summary>Host and port as others call them.</summary>
    public string Address => _system.Address;

    /// <summary>Its devices' names in the cluster.</summary>
    public IReadOnlyList<string> Workers { get; }

    /// <summary>The leading coordinator's address, where this node is one that waits to take its place; else null.</summary>
    public string? StandsBy => _place?.StandsBy;

    /// <summary>Done when the node has ended, as asked or not.</summary>
    public Task Ended => _system.Ended;

    /// <summary>Whether the cluster put it out, or another coordinator its jobs, or its coordinators have gone to another cluster.</summary>
    public bool WasExpelled => _isForsaken || _system.WasExpelled || _place is { HasFallen: true };

    /// <summary>Starts the node; done when it is a member and has offered its devices.</summary>
    /// <exception cref="Jobs.BadInputException">A port is taken, the folder is held, nobody lets it in.</exception>
    public static async Task<ClusterNode> StartAsync(NodeSettings settings, CancellationToken cancellation)
    {
        var parts = new Stack<IAsyncDisposable>();
        try
        {
            var place = settings.Coordinator is { } coordinator ? await CoordinatorPlace.TakeAsync(settings, coordinator, cancellation) : null;
            if (place is not null)
                parts.Push(place);
            var system = await ClusterSystem.StartAsync(settings.System with { Database = place?.Database }, cancellation, place is null ? null : place.InhabitAsync);
            parts.Push(system);
            if (place is not null)
                await place.CheckAloneAsync(system.Actors);
            system.Actors.ActorOf(Props.Create<StatusActor>(), "status");
            var shelf = await ShelfAsync(settings, place, parts, cancellation);
            var desks = Desks(settings, system, shelf?.Address, place, parts);
            var node = new ClusterNode(system, place, parts, desks);
            if (place is null)
                node.SearchCoordinators(settings);
            return node;
        }
        catch
        {
            await EndAsync(parts);
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await EndAsync(_parts);

    private void SearchCoordinators(NodeSettings settings)
    {
        var search = new SearchSettings(settings.System.Seeds, settings.WithoutCoordinator, settings.Time, coordinator =>
        {
            _isForsaken = true;
            settings.Tell($"this cluster has no coordinator any more, and {coordinator} has begun another one. This node ends, to be started again and join there.");
            _ = _system.Actors.Terminate();
        });
        _system.Actors.ActorOf(Props.Create(() => new CoordinatorSearch(search)), "search");
    }

    /// <summary>Where other nodes fetch files from this one. A node that coordinates gives them away in that role.</summary>
    private static async Task<ByteEndpoint?> ShelfAsync(NodeSettings settings, CoordinatorPlace? place, Stack<IAsyncDisposable> parts, CancellationToken cancellation)
    {
        if (settings.Shelf is null || settings.Devices.Count == 0 || place is not null)
            return null;
        var endpoint = await ByteEndpoint.ListenAsync(new ByteEndpointOptions
        {
            Host = settings.System.Host,
            PublicHost = settings.System.PublicHost,
            Port = settings.ShelfPort,
            UnixSocketFolder = CoordinatorPlace.SocketFolder,
            Secret = settings.Secret,
            Tls = settings.Tls,
            Shelf = settings.Shelf,
            Time = settings.Time,
            Logger = settings.System.Logger,
        }, cancellation);
        parts.Push(endpoint);
        return endpoint;
    }

    private static string[] Desks(NodeSettings settings, ClusterSystem system, string? own, CoordinatorPlace? place, Stack<IAsyncDisposable> parts)
    {
        if (settings.Devices.Count == 0)
            return [];
        var sockets = new SocketLinks(new SocketLinkOptions { Secret = settings.Secret, Tls = settings.Tls, Time = settings.Time, Logger = settings.System.Logger, Faults = settings.Faults, UseUnixSockets = !settings.OverTcp, Own = own });
        parts.Push(sockets);
        ICoordinatorLinks links = new NodeLinks(place?.Endpoint ?? "", place?.Local, sockets);
        IEnumerable<IStepSourceFactory> devices = settings.Devices.Select(device => new NamedDevice(device, system.Address));
        if (settings.Faults.IsPlanted)
            (links, devices) = (new FaultyLinks(links, settings.Faults, settings.Time), devices.Select(device => new FaultyDevice(device, settings.Faults, settings.Time)).ToArray());
        WorkerDesk[] desks = [.. devices.Select(device => new WorkerDesk(device, links, settings.Time))];
        foreach (var desk in desks)
            parts.Push(desk);
        var facts = new NodeFacts(Environment.MachineName, Environment.ProcessId, settings.Build, settings.Threads, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, "");
        var office = new OfficeSettings(desks, facts, offer => ClusterSecret.Proof(settings.Secret, offer), (endpoint, device) => sockets.Announce(endpoint, device), settings.Tell);
        system.Actors.ActorOf(Props.Create(() => new WorkerOffice(office)), "office");
        return [.. desks.Select(desk => desk.Device)];
    }

    private static async Task EndAsync(Stack<IAsyncDisposable> parts)
    {
        while (parts.TryPop(out var part))
            await part.DisposeAsync();
    }
}
