namespace PeftCluster.Cluster.Wire;

/// <summary>anyone → a coordinator's lease keeper: do you lead? Answer: <see cref="LeaseTold"/>.</summary>
public sealed record AskLease : IWireMessage;

/// <summary>Whether a coordinator leads.</summary>
/// <param name="Leads">True only where it has kept its lease lately.</param>
/// <param name="Holder">The leading coordinator, host and port, as the one that tells knows it; empty where it knows none.</param>
public sealed record LeaseTold(bool Leads, string Holder) : IWireMessage;
