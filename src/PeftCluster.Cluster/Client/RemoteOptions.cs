using Akka.Actor;
using PeftCluster.Cluster.Transport;

namespace PeftCluster.Cluster.Client;

/// <summary>How a client talks to a coordinator.</summary>
public sealed record RemoteOptions
{
    /// <summary>The ways to coordinators' files, for the adapter; null: it is not fetched.</summary>
    public ICoordinatorLinks? Links { get; init; }

    /// <summary>Where coordinators are. Default: the members of the cluster with the role <c>coordinator</c>, reachable or not.</summary>
    public Func<ActorSystem, IReadOnlyList<Address>> Coordinators { get; init; } = Members;

    /// <summary>A question without an answer is asked again this often: a message may be lost.</summary>
    public TimeSpan Remind { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>For the first answer of a coordinator.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A run that is followed is given up when no coordinator has given a sign for so long. It may go on there.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the adapter's files.</summary>
    public TimeSpan Fetch { get; init; } = TimeSpan.FromMinutes(10);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The member that coordinates.</summary>
    public const string CoordinatorRole = "coordinator";

    private static IReadOnlyList<Address> Members(ActorSystem system) =>
        [.. Akka.Cluster.Cluster.Get(system).State.Members.Where(member => member.HasRole(CoordinatorRole)).Select(member => member.Address).Order(Address.Comparer)];
}
