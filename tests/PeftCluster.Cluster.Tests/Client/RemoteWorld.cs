using Akka.Actor;
using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Tests.Persistence;
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
    private readonly TestFolder _folder;
    private readonly bool _owns;
    private readonly string _kind;
    private readonly List<ClusterSystem> _nodes = [];
    private readonly TaskCompletionSource<string> _fell = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LocalLink _link;
    private readonly MemoryVectorChannel _vectors = new();

    private RemoteWorld(string kind, TestFolder folder, bool owns)
    {
        (_kind, _folder, _owns) = (kind, folder, owns);
        _link = new LocalLink(_vectors, new ContentFolder(Path.Combine(folder.Path, "content")));
    }

    public string Folder => _folder.Path;

    public ClusterSystem Coordinator { get; private set; } = null!;

    /// <summary>Why the first jobs actor that did so ended by itself.</summary>
    public Task<string> Fell => _fell.Task;

    public RemoteOptions Options => new() { Links = _link, Remind = TimeSpan.FromMilliseconds(300) };

    public string State => Path.Combine(_folder.Path, "state");

    /// <param name="kind">Of the job database.</param>
    public static async Task<RemoteWorld> StartAsync(string kind = "SQLite")
    {
        var world = new RemoteWorld(kind, new TestFolder(), owns: true);
        await world.StartCoordinatorAsync(port: 0);
        return world;
    }

    /// <summary>Another cluster over the same state folder and database, as after a partition.</summary>
    public async Task<RemoteWorld> StartTwinAsync()
    {
        var twin = new RemoteWorld(_kind, _folder, owns: false);
        await twin.StartCoordinatorAsync(port: 0);
        return twin;
    }

    /// <summary>The coordinator's system ends without a word, and another one begins on its port and its state.</summary>
    public async Task KillAndStartCoordinatorAsync()
    {
        await KillCoordinatorAsync();
        await StartCoordinatorAsync(HostPort.Parse(Coordinator.Address, "").Port);
    }

    public Task KillCoordinatorAsync() => Coordinator.Actors.Terminate();

    private async Task StartCoordinatorAsync(int port)
    {
        Directory.CreateDirectory(State);
        var database = TestDatabases.Open(_kind, State);
        Coordinator = await NodeAsync(NodeRoles.Coordinator, port, database);
        var options = new JobsOptions(new RunPlace(_vectors, _link.Content, "", Deadlines.OfCluster, TimeProvider.System))
        {
            StateFolder = State,
            Catalog = new ArithmeticCatalog(),
            Database = database,
            Fell = reason => _fell.TrySetResult(reason),
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
        if (_owns)
            _folder.Dispose();
    }

    /// <summary>A node that joins the first one that there was and is there. Its end is abrupt: nobody is told.</summary>
    private async Task<ClusterSystem> NodeAsync(string role, int port, JobDatabase? database = null)
    {
        var node = await ClusterSystem.StartAsync(new SystemSettings
        {
            Roles = [role],
            Files = ["embedded"],
            Port = port,
            Database = database,
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
