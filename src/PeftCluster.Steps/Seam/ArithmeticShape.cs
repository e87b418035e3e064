using System.Globalization;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;

namespace PeftCluster.Steps.Seam;

/// <summary>How long the made-up adapter is, and what goes wrong with it.</summary>
public sealed record ArithmeticShape
{
    /// <summary>Floats of each slice. Odd lengths, so that there is padding between slices.</summary>
    public IReadOnlyList<int> SliceLengths { get; init; } = [37, 129, 5];

    /// <summary>What the coordinator does with ranks that some slices are said to be made of; null: nothing.</summary>
    public RankAllocation? Allocation { get; init; }

    /// <summary>Planted: the gradient of this (step, shard) has a NaN.</summary>
    public (int Step, int Shard)? NotFinite { get; init; }

    /// <summary>Planted: the gradient of this (step, shard) has one wrong bit, as a broken device would give.</summary>
    public (int Step, int Shard)? Flipped { get; init; }

    /// <summary>Planted: computing this (step, shard) throws.</summary>
    public (int Step, int Shard)? Throws { get; init; }

    /// <summary>The made-up adapter's layout.</summary>
    public VectorLayout Layout => VectorLayout.Of(SliceLengths.Select((length, i) =>
        (string.Create(CultureInfo.InvariantCulture, $"base_model.model.layers.{i}.weight"), (IReadOnlyList<long>)[length], new ParameterGroup())));
}
