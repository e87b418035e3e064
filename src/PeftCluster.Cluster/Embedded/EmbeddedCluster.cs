using System.Threading.Channels;
using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Worker;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Embedded;

/// <summary>
/// A cluster within this process: a real Akka.Cluster node on loopback at a free port that joins itself, with the jobs actor and
/// as many workers as are added. Vectors move in memory.
/// </summary>
public sealed class EmbeddedCluster : ITrainingCluster
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly ClusterSystem _system;
    private readonly IActorRef _jobs;
    private readonly LocalLink _link;
    private readonly ContentFolder _content;
    private readonly TimeProvider _time;
    private readonly IRunFiles _files;
    private readonly List<WorkerDesk> _desks = [];

    private EmbeddedCluster(ClusterSystem system, EmbeddedOptions options)
    {
        (_system, _time, _files) = (system, options.Time, options.Files);
        var vectors = new MemoryVectorChannel();
        _content = new ContentFolder(Directory.CreateTempSubdirectory("peft-content-").FullName);
        _link = new LocalLink(vectors, _content);
        var place = new RunPlace(vectors, _content, Endpoint: "", options.Deadlines, options.Time) { Faults = options.Faults };
        var jobs = new JobsOptions(place) { Files = options.Files };
        _jobs = system.Actors.ActorOf(Props.Create(() => new JobsActor(jobs)), "jobs");
    }

    public string Address => _system.Address;

    internal ActorSystem System => _system.Actors;

    /// <summary>Starts the node; done when it is a member of its own cluster.</summary>
    public static async Task<EmbeddedCluster> StartAsync(EmbeddedOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new EmbeddedOptions();
        var system = await ClusterSystem.StartAsync(new SystemSettings
        {
            Roles = [NodeRoles.Coordinator, NodeRoles.Worker],
            Files = ["embedded"],
            Patience = _patience,
            Logger = options.Logger,
        }, cancellation);
        return new EmbeddedCluster(system, options);
    }

    public void AddWorker(IStepSourceFactory device)
    {
        var desk = new WorkerDesk(device, _link, _time);
        _desks.Add(desk);
        var name = string.Concat(device.Device.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
        var worker = System.ActorOf(Props.Create(() => new WorkerActor(desk, ActorRefs.Nobody)), $"worker-{name}");
        // Offered here and not by the actor itself, so that a run submitted after this call finds it.
        _jobs.Tell(new Wire.Offer(desk.Device, desk.NumericClass, Wire.NodeFacts.Own), worker);
    }

    public async Task<IRunHandle> SubmitAsync(RunRequest request, CancellationToken cancellation)
    {
        var store = await Task.Run(() => RunStore.Open(_files, request, Environment.ProcessId, _time), cancellation);
        var events = Channel.CreateUnbounded<RunEvent>(new UnboundedChannelOptions { SingleReader = true });
        var handle = new RunHandle(request.RunId, store.Attempt, events.Reader, _jobs);
        _jobs.Tell(new JobsProtocol.Submit(request, store, handle.Watching(events.Writer)));
        return handle;
    }

    /// <summary>Leaves the cluster, ends the actors, closes the devices. A device that hangs in a native call is left behind.</summary>
    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        foreach (var desk in _desks)
            await desk.DisposeAsync().AsTask().WaitAsync(_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Directory.Delete(_content.Folder, recursive: true);
    }
}

/// <summary>What an embedded cluster is started with.</summary>
public sealed record EmbeddedOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where Akka's log goes.</summary>
    public Serilog.ILogger Logger { get; init; } = Serilog.Core.Logger.None;

    public Deadlines Deadlines { get; init; } = new();

    /// <summary>Where runs lie.</summary>
    public IRunFiles Files { get; init; } = new DiskFiles();

    /// <summary>Planted faults.</summary>
    public IFaultPoints Faults { get; init; } = NoFaults.Instance;
}
