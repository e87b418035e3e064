using System.Numerics.Tensors;

namespace PeftCluster.Steps.Reduction;

/// <summary>Whether numbers are numbers.</summary>
public static class Finite
{
    /// <summary>No NaN and no infinity among them; true for none.</summary>
    public static bool All(ReadOnlySpan<float> values) => values.IsEmpty || TensorPrimitives.IsFiniteAll(values);
}
