namespace PeftCluster.Cluster.Transport;

/// <summary>What two vectors must have alike to be added or exchanged.</summary>
/// <param name="LayoutHash">Says which tensor lies where.</param>
/// <param name="Floats">How many there are.</param>
internal readonly record struct VectorShape(string LayoutHash, int Floats)
{
    /// <summary>Why a vector of this shape is not one of the run, as a line; null where it is.</summary>
    /// <param name="what">The vector's name.</param>
    /// <param name="ours">What the run's vectors have.</param>
    public string? Objection(string what, VectorShape ours) =>
        LayoutHash != ours.LayoutHash ? $"{what}: its layout has hash {LayoutHash}, this run's has {ours.LayoutHash}"
        : Floats != ours.Floats ? $"{what}: it has {Floats} floats, this run's have {ours.Floats}"
        : null;
}
