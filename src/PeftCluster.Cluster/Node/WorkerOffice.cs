using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using PeftCluster.Cluster.Transport.Sockets;
using PeftCluster.Cluster.Wire;
using PeftCluster.Cluster.Worker;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// The devices of one node, towards whoever coordinates. Each is offered again and again, accepted or not: that is one small message in two
/// seconds, and a coordinator that was killed and is back on its address has its workers at once, before the cluster has noticed either.
/// </summary>
internal sealed class WorkerOffice : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(2);

    private readonly OfficeSettings _settings;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, (IActorRef Actor, Offer Offer)> _workers = [];
    private readonly HashSet<Address> _coordinators = [];
    private readonly Dictionary<string, (string Endpoint, IDisposable Presence)> _present = [];
    private readonly Dictionary<string, string> _refused = [];

    public WorkerOffice(OfficeSettings settings)
    {
        _settings = settings;
        Receive<ClusterEvent.IMemberEvent>(Changed);
        Receive<ClusterEvent.CurrentClusterState>(_ => { });
        Receive<OfferAgain>(_ => OfferAll());
        Receive<Accepted>(Accepted);
        Receive<OfferRefused>(Refused);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var office = Self;
        foreach (var desk in _settings.Desks)
        {
            var name = string.Concat(desk.Device.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
            var worker = Context.ActorOf(Props.Create(() => new WorkerActor(desk, office)), name);
            var offer = new Offer(desk.Device, desk.NumericClass, _settings.Facts);
            _workers.Add(desk.Device, (worker, offer with { Node = _settings.Facts with { Proof = _settings.Prove(offer) } }));
        }
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer("offer", OfferAgain.Instance, _again);
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        foreach (var (_, presence) in _present.Values)
            presence.Dispose();
    }

    private void Changed(ClusterEvent.IMemberEvent happened)
    {
        if (!happened.Member.HasRole(NodeRoles.Coordinator))
            return;
        if (happened is ClusterEvent.MemberRemoved)
        {
            // A new incarnation on the same address is a member of its own, and is there already.
            if (!_cluster.State.Members.Any(member => member.Address == happened.Member.Address))
                _coordinators.Remove(happened.Member.Address);
        }
        else if (_coordinators.Add(happened.Member.Address))
        {
            OfferAll();
        }
    }

    private void OfferAll()
    {
        foreach (var coordinator in _coordinators)
            foreach (var (worker, offer) in _workers.Values)
                Context.ActorSelection(new RootActorPath(coordinator) / "user" / "jobs").Tell(offer, worker);
    }

    private void Accepted(Accepted accepted)
    {
        _refused.Remove(accepted.Device);
        if (_present.TryGetValue(accepted.Device, out var known))
        {
            // A coordinator that was started again at the same place has the old presence, which comes back by itself. To end that one would tell it that the device is lost.
            if (ByteAddress.TcpOf(known.Endpoint) == ByteAddress.TcpOf(accepted.Endpoint))
                return;
            known.Presence.Dispose();
        }
        _present[accepted.Device] = (accepted.Endpoint, _settings.Announce(accepted.Endpoint, accepted.Device));
        _log.Info("{0} is accepted; vectors go to {1}", accepted.Device, accepted.Endpoint);
    }

    private void Refused(OfferRefused refused)
    {
        if (_refused.TryGetValue(refused.Device, out var known) && known == refused.Reason)
            return;
        _refused[refused.Device] = refused.Reason;
        _log.Warning("{0} is not used: {1}", refused.Device, refused.Reason);
        _settings.Tell($"{refused.Device} is not used: {refused.Reason}");
    }

    private sealed record OfferAgain
    {
        public static OfferAgain Instance { get; } = new();
    }
}

/// <summary>What an office works with.</summary>
/// <param name="Desks">One for each device.</param>
/// <param name="Facts">The node, as it tells of itself.</param>
/// <param name="Prove">The proof that an offer comes from somebody who knows the cluster's secret; empty without one.</param>
/// <param name="Announce">Keeps a connection to an endpoint while a device is there, so that its end is seen at once.</param>
/// <param name="Tell">What whoever runs the node should read.</param>
internal sealed record OfficeSettings(
    IReadOnlyList<WorkerDesk> Desks, NodeFacts Facts, Func<Offer, string> Prove, Func<string, string, IDisposable> Announce, Action<string> Tell);
