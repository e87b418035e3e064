using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// Answers what the cluster is doing, on every node: members as this node sees them, devices as the coordinator knows them. A node that does not
/// coordinate asks one that does; when that one is silent, the answer says so instead of waiting.
/// </summary>
internal sealed class StatusActor : ReceiveActor
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly bool _coordinates;

    public StatusActor()
    {
        _coordinates = _cluster.SelfRoles.Contains(NodeRoles.Coordinator);
        Receive<AskStatus>(_ =>
        {
            if (_coordinates)
                AskJobs(Sender);
            else
                AskCoordinator(Sender);
        });
    }

    private void AskJobs(IActorRef whoAsks)
    {
        var picture = Picture();
        Context.ActorSelection("/user/jobs").Ask<JobsProtocol.WorkersTold>(new JobsProtocol.AskWorkers(), _patience).PipeTo(
            whoAsks, Self,
            success: told => picture with { Workers = told.Workers },
            failure: _ => picture with { Notice = "the coordinator here is busy and did not tell its workers in 3 s" });
    }

    private void AskCoordinator(IActorRef whoAsks)
    {
        var picture = Picture();
        var coordinator = _cluster.State.Members.FirstOrDefault(member => member.HasRole(NodeRoles.Coordinator) && !_cluster.State.Unreachable.Contains(member));
        if (coordinator is null)
        {
            whoAsks.Tell(picture with { Notice = "no coordinator is reached from here" });
            return;
        }
        Context.ActorSelection(new RootActorPath(coordinator.Address) / "user" / "status").Ask<StatusTold>(new AskStatus(), _patience).PipeTo(
            whoAsks, Self,
            success: told => told,
            failure: _ => picture with { Notice = $"the coordinator {ClusterSystem.Of(coordinator.Address)} did not answer in 3 s" });
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
