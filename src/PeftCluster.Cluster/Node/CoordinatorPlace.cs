using Akka.Actor;
using Akka.Cluster;
using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Node;

/// <summary>What a coordinating node has besides its actor system: the held folder, the endpoint for vectors and files, and, where it leads, the jobs.</summary>
internal sealed class CoordinatorPlace : IAsyncDisposable
{
    private static readonly TimeSpan _answer = TimeSpan.FromSeconds(2);

    private readonly NodeSettings _settings;
    private readonly CoordinatorSettings _coordinator;
    private readonly IDisposable? _lock;
    private readonly ByteEndpoint _endpoint;
    private readonly JobDatabase _database;
    private ICoordinatorLease _lease = new SoleLease("");
    private IActorRef _jobs = ActorRefs.Nobody;

    private CoordinatorPlace(NodeSettings settings, CoordinatorSettings coordinator, IDisposable? held, ByteEndpoint endpoint, JobDatabase database)
    {
        (_settings, _coordinator, _lock, _endpoint, _database) = (settings, coordinator, held, endpoint, database);
        endpoint.DeviceLost += device => _jobs.Tell(new JobsProtocol.DeviceGone(device));
    }

    /// <summary>Where endpoints of this user make their Unix sockets.</summary>
    public static string SocketFolder => Path.Combine(Path.GetTempPath(), $"peft-{Environment.UserName}");

    /// <summary>Where workers find vectors and files.</summary>
    public string Endpoint => _endpoint.Address;

    /// <summary>The way there from this process.</summary>
    public LocalLink Local => _endpoint.Local;

    /// <summary>The address of the coordinator that leads while this one waits; null: this one leads.</summary>
    public string? StandsBy { get; private set; }

    public JobDatabase Database => _database;

    /// <summary>Whether its jobs ended by themselves: another coordinator has them, or their database is gone. Started again, the node knows more.</summary>
    public bool HasFallen { get; private set; }

    /// <summary>Takes the folder, opens the database and listens.</summary>
    /// <exception cref="BadInputException">The folder is held by another coordinator or cannot be written; the database cannot be opened; the port is taken.</exception>
    public static async Task<CoordinatorPlace> TakeAsync(NodeSettings settings, CoordinatorSettings coordinator, CancellationToken cancellation)
    {
        var held = Hold(coordinator);
        try
        {
            var database = coordinator.Database is { } text ? JobDatabase.PostgreSql(text) : JobDatabase.InFolder(coordinator.StateFolder);
            await Task.Run(database.Prepare, cancellation);
            var endpoint = await ByteEndpoint.ListenAsync(new ByteEndpointOptions
            {
                Host = settings.System.Host,
                PublicHost = settings.System.PublicHost,
                Port = coordinator.BytesPort,
                UnixSocketFolder = SocketFolder,
                Secret = settings.Secret,
                Tls = settings.Tls,
                Content = new ContentFolder(Path.Combine(coordinator.StateFolder, "content"), settings.Time),
                Faults = settings.Faults,
                Time = settings.Time,
                Logger = settings.System.Logger,
            }, cancellation);
            return new CoordinatorPlace(settings, coordinator, held, endpoint, database);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Puts the coordinator's actors into the system, before it can be found: all of them if it leads, else only those that wait for the lease. The lease is
    /// asked for here because the system listens now: whatever an earlier process held at this address is free.
    /// </summary>
    /// <exception cref="BadInputException">The database's coordinators have another folder.</exception>
    public async Task<JoinPlan> InhabitAsync(ActorSystem actors)
    {
        var address = ClusterSystem.Of(Akka.Cluster.Cluster.Get(actors).SelfAddress);
        if (_coordinator.Database is not null)
        {
            var self = new LeaseSelf(JobId.New(_settings.Time).ToString(), address, await StateIdentity.OfAsync(_coordinator.Files, _coordinator.StateFolder, _settings.Time));
            _lease = new SqlCoordinatorLease(_database, self, _coordinator.Lease, _settings.Time);
        }
        else
        {
            _lease = new SoleLease(address);
        }
        var first = await Task.Run(_lease.Ask);
        var keeping = new LeaseKeeping(_lease, _coordinator.Lease, _settings.Time, () => TakeOver(actors), reason => Fall(actors, reason), _settings.Tell);
        if (first.Standing == LeaseStanding.Held)
            Lead(actors);
        else
            StandsBy = first.Holder;
        actors.ActorOf(Props.Create(() => new LeaseKeeper(keeping, first)), "lease");
        return StandsBy is { } leading ? new JoinPlan([leading, .. _settings.System.Seeds, .. Remembered()], BeginsAlone: false) : await AloneAsync();
    }

    /// <summary>Sees, once the node is a member, that nobody else leads this cluster: with another database, or with none, neither would know of the other.</summary>
    /// <exception cref="BadInputException">Somebody does.</exception>
    public async Task CheckAloneAsync(ActorSystem actors)
    {
        if (StandsBy is null && await LeadingCoordinator.FindAsync(actors, _answer, besides: Akka.Cluster.Cluster.Get(actors).SelfAddress) is { } other)
            throw new BadInputException($"{ClusterSystem.Of(other)} leads this cluster already. Give both coordinators the same --database and --state, so that one of them stands by; or make this node a worker with --roles worker.");
    }

    /// <summary>Another coordinator led until now. Where this node has not got into its cluster, it begins one with the members that are left.</summary>
    private void TakeOver(ActorSystem actors)
    {
        StandsBy = null;
        Lead(actors);
        if (Akka.Cluster.Cluster.Get(actors).SelfMember.Status == MemberStatus.Removed)
            _ = Task.Run(async () => ClusterSystem.Join(actors, await AloneAsync()));
    }

    /// <summary>
    /// Who leads may begin a cluster; a coordinator whose folder says nothing of others and whom the user sends to a cluster waits for that one.
    /// </summary>
    private async Task<JoinPlan> AloneAsync() => new(
        [.. _settings.System.Seeds, .. await Listening.AmongAsync(Remembered(), _answer)], BeginsAlone: _lease.IsShared || _settings.System.Seeds.Count == 0);

    private IReadOnlyList<string> Remembered() => RememberedMembers.Read(_coordinator.Files, _coordinator.StateFolder);

    private void Lead(ActorSystem actors)
    {
        var place = new RunPlace(_endpoint.Vectors, _endpoint.Content, Endpoint, _coordinator.Deadlines, _settings.Time)
        {
            Faults = _settings.Faults,
            Admission = new Admission(_settings.Build, offer => ClusterSecret.Holds(_settings.Secret, offer)),
        };
        var sweep = new ContentSweep(_endpoint.Content, Keep(actors), _settings.Time, _settings.System.Logger);
        var options = new JobsOptions(place)
        {
            Sweep = needed => Task.Run(() => sweep.Remove(needed)),
            StateFolder = _coordinator.StateFolder,
            Catalog = _coordinator.Catalog,
            Files = _coordinator.Files,
            Database = _database,
            Fell = reason => Fall(actors, reason),
            Build = _settings.Build,
            Admit = submit => SubmissionProof.Refusal(_settings.Secret.Span, submit),
        };
        _jobs = actors.ActorOf(Props.Create(() => new JobsActor(options)), "jobs");
        actors.ActorOf(Props.Create(() => new RememberedMembers(_coordinator.Files, _coordinator.StateFolder)), "members");
    }

    /// <exception cref="BadInputException">The user's configuration says no time.</exception>
    private static TimeSpan Keep(ActorSystem actors)
    {
        const string key = "peft.content.keep";
        try
        {
            var keep = actors.Settings.Config.GetTimeSpan(key, TimeSpan.FromDays(30), allowInfinite: true);
            if (keep == Timeout.InfiniteTimeSpan || keep >= TimeSpan.FromDays(1))
                return keep;
        }
        catch (Exception wrong) when (wrong is FormatException or Akka.Configuration.ConfigurationException or OverflowException)
        {
        }
        throw new BadInputException($"--config: {key}: how long files stay that no job needs is a time of at least one day, for example 30d, or infinite.");
    }

    private void Fall(ActorSystem actors, string reason)
    {
        HasFallen = true;
        _settings.Tell($"{reason}. This coordinator ends.");
        _ = actors.Terminate();
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        await Task.Run(_lease.Release).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _lock?.Dispose();
    }

    /// <summary>The folder's lock; none where the database's lease decides, since those that stand by use the folder as well.</summary>
    private static IDisposable? Hold(CoordinatorSettings coordinator)
    {
        try
        {
            coordinator.Files.MakeFolder(coordinator.StateFolder);
            if (coordinator.Database is not null)
                return null;
            return coordinator.Files.TryLock(Path.Combine(coordinator.StateFolder, "coordinator.lock"))
                ?? throw new BadInputException($"{coordinator.StateFolder}: another coordinator holds this folder. End it, or give this one its own with --state.");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{coordinator.StateFolder}: cannot be written ({refused.Message.TrimEnd('.')}). Choose another folder with --state.", refused);
        }
    }
}
