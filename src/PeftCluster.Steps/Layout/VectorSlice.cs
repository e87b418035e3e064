namespace PeftCluster.Steps.Layout;

/// <summary>One trained tensor inside the adapter's vector.</summary>
/// <param name="Key">The Hugging Face key, for example <c>base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight</c>.</param>
/// <param name="Shape">The tensor's shape, row-major.</param>
/// <param name="Offset">Where it starts, in floats; a multiple of 16, so that it starts on a 64-byte boundary.</param>
/// <param name="Group">Learning-rate factor and weight decay.</param>
/// <param name="Exported">Whether it goes into the adapter's file.</param>
public sealed record VectorSlice(string Key, IReadOnlyList<long> Shape, int Offset, ParameterGroup Group, bool Exported = true)
{
    /// <summary>The number of floats, without padding.</summary>
    public int Length { get; } = checked((int)Shape.Aggregate(1L, (product, size) => product * size));
}

/// <summary>What an optimizer treats alike.</summary>
/// <param name="LearningRateFactor">The step's learning rate is multiplied by this.</param>
/// <param name="WeightDecays">Whether weight decay applies.</param>
public sealed record ParameterGroup(double LearningRateFactor = 1, bool WeightDecays = true);
