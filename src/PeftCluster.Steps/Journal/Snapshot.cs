using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;

namespace PeftCluster.Steps.Journal;

/// <summary>All that training needs to go on from a version.</summary>
/// <param name="Version">How many steps were made.</param>
/// <param name="Chain">The journal chain's hash after them.</param>
/// <param name="JobDigest">What tells one job from another.</param>
/// <param name="LayoutHash">The hash of the vectors' layout.</param>
/// <param name="Adapter">The parameters, padding included.</param>
/// <param name="Vectors">What the job keeps beside them (<see cref="AdapterState.Vectors"/>).</param>
public sealed record Snapshot(
    int Version, string Chain, string JobDigest, string LayoutHash,
    ReadOnlyMemory<float> Adapter, IReadOnlyList<NamedVector> Vectors)
{
    /// <summary>Copies a state: the next step may be made while the copy is written.</summary>
    public static Snapshot Of(AdapterState state, string chain, string jobDigest) => new(
        state.Version, chain, jobDigest, state.Layout.Hash,
        state.Adapter.ToArray(), [.. state.Vectors.Select(vector => vector with { Values = vector.Values.ToArray() })]);

    /// <summary>The state to go on from.</summary>
    /// <exception cref="InvalidDataException">The snapshot is of another layout, or holds other vectors than the job keeps.</exception>
    public AdapterState State(VectorLayout layout, TrainingSpec training, RankAllocation? allocation = null)
    {
        if (layout.Hash != LayoutHash)
            throw new InvalidDataException($"the snapshot of version {Version} has another layout than the job");
        var state = new AdapterState(layout, training, Version, Adapter.Span, allocation);
        state.Restore(Vectors);
        return state;
    }
}
