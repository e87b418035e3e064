using System.Text.Json.Serialization;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Wire;

/// <summary>
/// A <see cref="SourceDescription"/> as plain values. The receiver lays the slices out itself and compares the hash: two
/// builds that would lay the same tensors out differently find out before a vector moves.
/// </summary>
public sealed record WireDescription(
    IReadOnlyList<WireSlice> Slices, string LayoutHash, long TrainedParameters, long BaseParameters, string Method, string Architecture,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RankAllocation? Allocation = null)
{
    public static WireDescription Of(SourceDescription source) => new(
        [.. source.Layout.Slices.Select(slice => new WireSlice(slice.Key, slice.Shape, slice.Group.LearningRateFactor, slice.Group.WeightDecays))],
        source.Layout.Hash, source.TrainedParameters, source.BaseParameters, source.Method, source.Architecture, source.Allocation);

    /// <exception cref="InvalidDataException">The slices give another layout here.</exception>
    public SourceDescription Open()
    {
        var layout = VectorLayout.Of(Slices.Select(slice =>
            (slice.Key, slice.Shape, new ParameterGroup(slice.LearningRateFactor, slice.WeightDecays))));
        return layout.Hash == LayoutHash
            ? new SourceDescription(layout, TrainedParameters, BaseParameters, Method, Architecture, Allocation)
            : throw new InvalidDataException($"the layout has hash {layout.Hash} here, {LayoutHash} there: the builds differ");
    }
}

/// <summary>One trained tensor.</summary>
public sealed record WireSlice(string Key, IReadOnlyList<long> Shape, double LearningRateFactor, bool WeightDecays);
