using Akka.Actor;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Node;

/// <summary>Finds the coordinator that leads among those that a node can reach, by asking all of them at once.</summary>
internal static class LeadingCoordinator
{
    /// <summary>Where it is; null: none of those that are reached says that it leads, in this time.</summary>
    /// <param name="system">The node that asks.</param>
    /// <param name="patience">For the answers.</param>
    /// <param name="besides">A coordinator that is not asked.</param>
    public static async Task<Address?> FindAsync(ActorSystem system, TimeSpan patience, Address? besides = null)
    {
        var state = Akka.Cluster.Cluster.Get(system).State;
        var asked = state.Members
            .Where(member => member.HasRole(NodeRoles.Coordinator) && member.Address != besides && !state.Unreachable.Contains(member))
            .Select(member => AskAsync(system, member.Address, patience)).ToList();
        while (asked.Count > 0)
        {
            var answered = await Task.WhenAny(asked);
            if (await answered is { } leading)
                return leading;
            asked.Remove(answered);
        }
        return null;
    }

    private static async Task<Address?> AskAsync(ActorSystem system, Address address, TimeSpan patience)
    {
        try
        {
            var told = await system.ActorSelection(new RootActorPath(address) / "user" / "lease").Ask<LeaseTold>(new AskLease(), patience);
            return told.Leads ? address : null;
        }
        catch (Exception silent) when (silent is AskTimeoutException or OperationCanceledException)
        {
            return null;
        }
    }
}
