using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Transport;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Server.Chaos;

/// <summary>Whoever submitted the job of a row and watches it: what came, and when.</summary>
internal sealed class ChaosClient : IAsyncDisposable
{
    private readonly ChaosRow _row;
    private readonly ChaosSettings _settings;
    private readonly HostPort _place;
    private readonly ClusterSystem _system;
    private readonly SocketLinks _links;
    private readonly RemoteJobs _jobs;
    private readonly string _runId;
    private readonly Lock _lock = new();
    private readonly List<(long Milliseconds, RunEvent Happened)> _heard = [];

    /// <param name="row">The row.</param>
    /// <param name="settings">The matrix.</param>
    /// <param name="places">Where coordinators listen.</param>
    public ChaosClient(ChaosRow row, ChaosSettings settings, IReadOnlyList<HostPort> places)
    {
        (_row, _settings, _place, _runId) = (row, settings, places[0], JobId.New(settings.Time).ToString());
        _system = ClusterSystem.Alone(new SystemSettings { Roles = [NodeRoles.Client], Files = ["client"], Host = row.HasNetwork ? NodeNetwork.Own : "127.0.0.1" });
        _links = new SocketLinks(new SocketLinkOptions { Time = settings.Time, Secret = NodeLauncher.Secret });
        var self = Akka.Cluster.Cluster.Get(_system.Actors).SelfAddress;
        Akka.Actor.Address[] coordinators = [.. places.Select(place => self.WithHost(place.Host).WithPort(place.Port))];
        _jobs = new RemoteJobs(_system.Actors, new RemoteOptions { Links = _links, Time = settings.Time, Remind = TimeSpan.FromSeconds(1), Coordinators = _ => coordinators });
    }

    /// <summary>The run in hand, once it is submitted.</summary>
    public RemoteRun? Run { get; private set; }

    /// <summary>What came so far, with the time in milliseconds since 1970.</summary>
    public IReadOnlyList<(long Milliseconds, RunEvent Happened)> Heard
    {
        get
        {
            lock (_lock)
                return [.. _heard];
        }
    }

    /// <summary>Submits the job, or goes on with it, and watches it to its end.</summary>
    public async Task<RunEnded> RunAsync(bool resume, CancellationToken cancellation)
    {
        var here = await _jobs.FindAsync(cancellation);
        var submission = await _settings.Job.PrepareAsync(_runId, _row, _links.To(here.Endpoint), cancellation);
        Run = await _jobs.SubmitAsync(submission with { Resume = resume, Prove = submit => SubmissionProof.Of(NodeLauncher.Secret, submit) }, cancellation);
        await foreach (var happened in Run.Events.WithCancellation(cancellation))
            lock (_lock)
                _heard.Add((_settings.Time.GetUtcNow().ToUnixTimeMilliseconds(), happened));
        return await Run.Ended;
    }

    /// <summary>Waits until the coordinator has so many workers.</summary>
    public async Task HasWorkersAsync(int count, CancellationToken cancellation)
    {
        while ((await ClusterQuestion.AskAsync(_system, _place, cancellation)).Workers.Count(worker => worker.Refused is null) < count)
            await Task.Delay(TimeSpan.FromMilliseconds(200), _settings.Time, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync();
        await _system.DisposeAsync();
    }
}
