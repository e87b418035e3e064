using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// Answers what the cluster is doing, on every node: members as this node sees them, devices as the coordinator knows them. A node that does not
/// lead asks the one that does; when that one is silent, the answer says so instead of waiting.
/// </summary>
internal sealed class StatusActor : ReceiveActor
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

    public StatusActor() => Receive<AskStatus>(_ => TellAsync(Context.System, Picture()).PipeTo(Sender, Self));

    private async Task<StatusTold> TellAsync(ActorSystem system, StatusTold picture)
    {
        if (await LeadingCoordinator.FindAsync(system, _patience) is not { } leading)
            return picture with { Notice = "no leading coordinator is reached from here" };
        try
        {
            return leading == _cluster.SelfAddress
                ? picture with { Leads = picture.From, Workers = (await system.ActorSelection("/user/jobs").Ask<JobsProtocol.WorkersTold>(new JobsProtocol.AskWorkers(), _patience)).Workers }
                : await system.ActorSelection(new RootActorPath(leading) / "user" / "status").Ask<StatusTold>(new AskStatus(), _patience);
        }
        catch (AskTimeoutException)
        {
            return picture with { Leads = ClusterSystem.Of(leading), Notice = $"the coordinator {ClusterSystem.Of(leading)} is busy and did not tell its workers in {_patience.TotalSeconds:0} s" };
        }
    }

    private StatusTold Picture()
    {
        var state = _cluster.State;
        return new StatusTold(
            ClusterSystem.Of(_cluster.SelfAddress),
            [.. state.Members.Select(member => new Wire.MemberStatus(
                ClusterSystem.Of(member.Address), [.. member.Roles.Order(StringComparer.Ordinal)],
                member.Status.ToString().ToLowerInvariant(), !state.Unreachable.Contains(member)))],
            [], null);
    }
}
