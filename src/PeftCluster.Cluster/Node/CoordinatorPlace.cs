using Akka.Actor;
using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Node;

/// <summary>What a coordinating node has besides its actor system: the held folder, the endpoint for vectors and files, the jobs.</summary>
internal sealed class CoordinatorPlace : IAsyncDisposable
{
    private readonly NodeSettings _settings;
    private readonly CoordinatorSettings _coordinator;
    private readonly IDisposable _lock;
    private readonly ByteEndpoint _endpoint;
    private readonly JobDatabase _database;
    private IActorRef _jobs = ActorRefs.Nobody;

    private CoordinatorPlace(NodeSettings settings, CoordinatorSettings coordinator, IDisposable held, ByteEndpoint endpoint, JobDatabase database)
    {
        (_settings, _coordinator, _lock, _endpoint, _database) = (settings, coordinator, held, endpoint, database);
        endpoint.DeviceLost += device => _jobs.Tell(new JobsProtocol.DeviceGone(device));
    }

    /// <summary>Where workers find vectors and files.</summary>
    public string Endpoint => _endpoint.Address;

    /// <summary>The way there from this process.</summary>
    public LocalLink Local => _endpoint.Local;

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
                UnixSocketFolder = Path.Combine(Path.GetTempPath(), $"peft-{Environment.UserName}"),
                Secret = settings.Secret,
                Tls = settings.Tls,
                Content = new ContentFolder(Path.Combine(coordinator.StateFolder, "content")),
                Time = settings.Time,
                Logger = settings.System.Logger,
            }, cancellation);
            return new CoordinatorPlace(settings, coordinator, held, endpoint, database);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The system's settings with the members that it may find again, and the database.</summary>
    public SystemSettings Seeded(SystemSettings system)
    {
        string[] seeds = [.. system.Seeds.Concat(RememberedMembers.Read(_coordinator.Files, _coordinator.StateFolder)).Distinct()];
        return system with { Seeds = seeds, BeginsAlone = system.Seeds.Count == 0 && seeds.Length > 0, Database = _database };
    }

    /// <summary>Puts the coordinator's actors into the system, before it can be found.</summary>
    public void Inhabit(ActorSystem actors)
    {
        var place = new RunPlace(_endpoint.Vectors, _endpoint.Content, Endpoint, _coordinator.Deadlines, _settings.Time)
        {
            Faults = _settings.Faults,
            Admission = new Admission(_settings.Build, offer => ClusterSecret.Holds(_settings.Secret, offer)),
        };
        var options = new JobsOptions(place)
        {
            StateFolder = _coordinator.StateFolder,
            Catalog = _coordinator.Catalog,
            Files = _coordinator.Files,
            Database = _database,
            Fell = reason =>
            {
                HasFallen = true;
                _settings.Tell($"{reason}. This coordinator ends.");
                _ = actors.Terminate();
            },
            Build = _settings.Build,
            Admit = submit => SubmissionProof.Refusal(_settings.Secret.Span, submit),
        };
        _jobs = actors.ActorOf(Props.Create(() => new JobsActor(options)), "jobs");
        actors.ActorOf(Props.Create(() => new RememberedMembers(_coordinator.Files, _coordinator.StateFolder)), "members");
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        _lock.Dispose();
    }

    private static IDisposable Hold(CoordinatorSettings coordinator)
    {
        try
        {
            coordinator.Files.MakeFolder(coordinator.StateFolder);
            return coordinator.Files.TryLock(Path.Combine(coordinator.StateFolder, "coordinator.lock"))
                ?? throw new BadInputException($"{coordinator.StateFolder}: another coordinator holds this folder. End it, or give this one its own with --state.");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{coordinator.StateFolder}: cannot be written ({refused.Message.TrimEnd('.')}). Choose another folder with --state.", refused);
        }
    }
}
