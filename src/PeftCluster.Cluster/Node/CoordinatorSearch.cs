using Akka.Actor;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// Looks after a worker whose cluster has no coordinator any more. One that was started with an empty folder knows nobody and begins a cluster of its own, at a place that
/// this node was told to join; nobody else would ever say so. An actor system joins once, so the node ends then, and whoever keeps it running starts it again.
/// </summary>
internal sealed class CoordinatorSearch : ReceiveActor, IWithTimers
{
    private readonly SearchSettings _settings;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private long? _since;

    public CoordinatorSearch(SearchSettings settings)
    {
        _settings = settings;
        Receive<Look>(_ => Search());
        Receive<ActorIdentity>(who =>
        {
            if (who.Subject is { } jobs)
                Found(ClusterSystem.Of(jobs.Path.Address));
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("look", Look.Instance, _settings.Patience / 4);

    private void Search()
    {
        if (!IsForsaken())
        {
            _since = null;
            return;
        }
        foreach (var seed in _settings.Seeds)
        {
            // Only who leads has this actor; others do not answer.
            var (host, port) = HostPort.Parse(seed, "--join");
            var address = new Address(_cluster.SelfAddress.Protocol, _cluster.SelfAddress.System, host, port);
            Context.ActorSelection(new RootActorPath(address) / "user" / "jobs").Tell(new Identify(null));
        }
    }

    // One that was started again with its folder answers too, but a moment later it is a member.
    private void Found(string coordinator)
    {
        if (!IsForsaken())
            return;
        _since ??= _settings.Time.GetTimestamp();
        if (_settings.Time.GetElapsedTime(_since.Value) >= _settings.Patience)
            _settings.Found(coordinator);
    }

    // A coordinator that is only out of reach is a member still, and the split-brain resolver's matter.
    private bool IsForsaken() => !_cluster.IsTerminated && _cluster.State.Members is { IsEmpty: false } members && !members.Any(member => member.HasRole(NodeRoles.Coordinator));

    private sealed record Look
    {
        public static Look Instance { get; } = new();
    }
}

/// <summary>What a search works with.</summary>
/// <param name="Seeds">The places that the node was told to join, <c>host:port</c>.</param>
/// <param name="Patience">How long another coordinator answers before the node gives up: longer than one that was started again takes to come back into this cluster.</param>
/// <param name="Time">Measures that.</param>
/// <param name="Found">Told where a coordinator is that belongs to another cluster.</param>
internal sealed record SearchSettings(IReadOnlyList<string> Seeds, TimeSpan Patience, TimeProvider Time, Action<string> Found);
