using Akka.Actor;
using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Cluster.Worker;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Client;

/// <summary>
/// A cluster of several actor systems on loopback: a coordinator with its state folder, workers that offer themselves again and again, and
/// clients. Messages really cross sockets; vectors and files move in memory and by folder, since all is one process.
/// </summary>
internal sealed class RemoteWorld : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly List<ClusterSystem> _nodes = [];
    private readonly LocalLink _link;
    private readonly MemoryVectorChannel _vectors = new();

    private RemoteWorld() => _link = new LocalLink(_vectors, new ContentFolder(Path.Combine(_folder.Path, "content")));

    public string Folder => _folder.Path;

    public ClusterSystem Coordinator { get; private set; } = null!;

    public RemoteOptions Options => new() { Links = _link, Remind = TimeSpan.FromMilliseconds(300) };

    public static async Task<RemoteWorld> StartAsync()
    {
        var world = new RemoteWorld();
        await world.StartCoordinatorAsync(port: 0);
        return world;
    }

    public async Task StartCoordinatorAsync(int port)
    {
        Coordinator = await NodeAsync(NodeRoles.Coordinator, port);
        var options = new JobsOptions(new RunPlace(_vectors, _link.Content, "", new Deadlines(), TimeProvider.System))
        {
            StateFolder = Path.Combine(_folder.Path, "state"),
            Catalog = new ArithmeticCatalog(),
        };
        Coordinator.Actors.ActorOf(Props.Create(() => new JobsActor(options)), "jobs");
    }

    public Task AddWorkerAsync(string device) => AddWorkerAsync(new ArithmeticSourceFactory(device));

    public async Task AddWorkerAsync(IStepSourceFactory device)
    {
        var node = await NodeAsync(NodeRoles.Worker, 0);
        var office = new OfficeSettings([new WorkerDesk(device, _link, TimeProvider.System)], NodeFacts.Own, _ => "", (_, _) => new Nothing(), _ => { });
        node.Actors.ActorOf(Props.Create(() => new WorkerOffice(office)), "office");
    }

    public async Task<RemoteJobs> ClientAsync() => new((await NodeAsync(NodeRoles.Client, 0)).Actors, Options);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.Actors.Terminate()));
        _folder.Dispose();
    }

    /// <summary>A node that joins the first one that there was and is there. Its end is abrupt: nobody is told.</summary>
    private async Task<ClusterSystem> NodeAsync(string role, int port)
    {
        var node = await ClusterSystem.StartAsync(new SystemSettings
        {
            Roles = [role],
            Files = ["embedded"],
            Port = port,
            Seeds = [.. _nodes.Where(one => !one.Ended.IsCompleted).Take(1).Select(one => one.Address)],
            Own = "akka.coordinated-shutdown.run-by-actor-system-terminate = off",
        }, TestContext.Current.CancellationToken);
        _nodes.Add(node);
        return node;
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
