namespace PeftCluster.Server.Chaos;

/// <summary>A coordinator's two ports.</summary>
/// <param name="Actors">For messages.</param>
/// <param name="Bytes">For vectors and files.</param>
public readonly record struct HostPortPair(int Actors, int Bytes);
