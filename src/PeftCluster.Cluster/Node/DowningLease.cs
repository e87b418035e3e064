using Akka.Actor;
using Akka.Coordination;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// What the split-brain resolver's lease-majority asks before it puts out the unreachable side of a cluster: does the leading coordinator live on
/// this side? The lease itself is the coordinators' (docs/protocol.md, Membership and loss); a worker has no way to the database, so each
/// side asks the coordinators that it reaches. A side that reaches no leading one ends, and its supervisors start it again.
/// </summary>
/// <param name="settings">Akka's.</param>
/// <param name="system">The node's.</param>
public sealed class DowningLease(LeaseSettings settings, ExtendedActorSystem system) : Lease(settings)
{
    // Never remembered: a coordinator that led when the last node was put out may not lead any more.
    public override bool CheckLease() => false;

    public override async Task<bool> Acquire() => await LeadingCoordinator.FindAsync(system, Settings.TimeoutSettings.OperationTimeout) is not null;

    public override Task<bool> Acquire(Action<Exception> leaseLostCallback) => Acquire();

    public override Task<bool> Release() => Task.FromResult(true);
}
