namespace PeftCluster.Cluster.Wire;

/// <summary>worker → jobs: here is a device.</summary>
/// <param name="Device">The device's name, unique in the cluster.</param>
/// <param name="NumericClass">What may change the bits of a gradient there.</param>
public sealed record Offer(string Device, string NumericClass) : IWireMessage;

/// <summary>jobs → worker: you will be asked.</summary>
public sealed record Accepted(string Device) : IWireMessage;

/// <summary>jobs → worker: you will not be asked, and why.</summary>
public sealed record OfferRefused(string Device, string Reason) : IWireMessage;
