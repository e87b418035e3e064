using Akka.Actor;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Node;

/// <summary>Asks a node what its cluster is doing, without becoming a member: a question must not change what it is about.</summary>
public static class ClusterQuestion
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15), _round = TimeSpan.FromSeconds(5);

    /// <summary>The cluster as the node at a place sees it.</summary>
    /// <exception cref="BadInputException">Nobody answers there.</exception>
    public static async Task<StatusTold> AskAsync(HostPort place, SystemSettings settings, CancellationToken cancellation)
    {
        await using var system = ClusterSystem.Alone(settings);
        return await AskAsync(system, place, cancellation);
    }

    /// <summary>The same from a system that is there already.</summary>
    /// <exception cref="BadInputException">Nobody answers there.</exception>
    public static async Task<StatusTold> AskAsync(ClusterSystem system, HostPort place, CancellationToken cancellation, TimeSpan? patience = null)
    {
        var deadline = patience ?? _patience;
        var address = Akka.Cluster.Cluster.Get(system.Actors).SelfAddress.WithHost(place.Host).WithPort(place.Port);
        var asked = system.Actors.ActorSelection(new RootActorPath(address) / "user" / "status");
        for (var waited = TimeSpan.Zero; waited < deadline; waited += _round)
        {
            try
            {
                return await asked.Ask<StatusTold>(new AskStatus(), _round < deadline ? _round : deadline, cancellation);
            }
            catch (Exception silent) when (silent is AskTimeoutException or TimeoutException)
            {
                // The first message to a node may be lost while the connection is made; so it is asked again.
            }
        }
        throw new BadInputException(FormattableString.Invariant(
            $"{place}: no node answers there in {deadline.TotalSeconds:0.#} s. Start one with: peft node --listen {place}; or give its certificates with --tls."));
    }
}
