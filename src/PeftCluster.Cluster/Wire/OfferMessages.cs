namespace PeftCluster.Cluster.Wire;

/// <summary>worker → jobs: here is a device.</summary>
/// <param name="Device">The device's name, unique in the cluster: <c>10.0.0.7:41020/cpu:0</c>.</param>
/// <param name="NumericClass">What may change the bits of a gradient there.</param>
/// <param name="Node">The node that it belongs to.</param>
public sealed record Offer(string Device, string NumericClass, NodeFacts Node) : IWireMessage;

/// <summary>A node as it tells of itself.</summary>
/// <param name="Host">Its host's name.</param>
/// <param name="Process">Its process number there.</param>
/// <param name="Build">The product's version.</param>
/// <param name="Threads">Threads that one worker computes with.</param>
/// <param name="MemoryBytes">The host's memory.</param>
/// <param name="Proof">
/// HMAC-SHA256 of the offer under the cluster's secret, as hex; empty in a cluster without one. Whoever does not know the secret is
/// not given work.
/// </param>
public sealed record NodeFacts(string Host, int Process, string Build, int Threads, long MemoryBytes, string Proof)
{
    /// <summary>For a worker in the coordinator's own process.</summary>
    public static NodeFacts Own { get; } = new("", 0, "", 1, 0, "");
}

/// <summary>jobs → worker: you will be asked.</summary>
/// <param name="Device">Who is meant: several workers may share a sender.</param>
/// <param name="Endpoint">Where the coordinator's vectors and files are; empty within one process.</param>
public sealed record Accepted(string Device, string Endpoint) : IWireMessage;

/// <summary>jobs → worker: you will not be asked, and why.</summary>
public sealed record OfferRefused(string Device, string Reason) : IWireMessage;
