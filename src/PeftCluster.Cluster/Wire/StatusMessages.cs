namespace PeftCluster.Cluster.Wire;

/// <summary>anyone → a node's status actor: what is the cluster doing? Answer: <see cref="StatusTold"/>.</summary>
public sealed record AskStatus : IWireMessage;

/// <summary>A cluster as one of its nodes sees it.</summary>
/// <param name="From">The node that tells.</param>
/// <param name="Members">Its members, and those that are no longer reached.</param>
/// <param name="Workers">Devices that were offered, those that were refused among them; empty where no coordinator is reached.</param>
/// <param name="Notice">What is wrong with this picture, in one line; null when it is whole.</param>
public sealed record StatusTold(string From, IReadOnlyList<MemberStatus> Members, IReadOnlyList<WorkerStatus> Workers, string? Notice) : IWireMessage
{
    /// <summary>The address of the coordinator that leads; the others stand by. Null where none is reached.</summary>
    public string? Leads { get; init; }
}

/// <summary>One node.</summary>
/// <param name="Address">Host and port.</param>
/// <param name="Roles">What it is for.</param>
/// <param name="Status">Akka's word, lower case: joining, up, leaving, down.</param>
/// <param name="Reachable">Whether the node that tells has heard of it lately.</param>
public sealed record MemberStatus(string Address, IReadOnlyList<string> Roles, string Status, bool Reachable);

/// <summary>One device.</summary>
/// <param name="Device">Its name.</param>
/// <param name="NumericClass">What may change the bits of a gradient there.</param>
/// <param name="Node">Its node; without the proof.</param>
/// <param name="Work">The run that it works for; null for none.</param>
/// <param name="Refused">Why it gets no work; null when it does.</param>
/// <param name="Note">What its run says of it: that it is slow, or quarantined; null for nothing.</param>
public sealed record WorkerStatus(string Device, string NumericClass, NodeFacts Node, string? Work, string? Refused, string? Note);
