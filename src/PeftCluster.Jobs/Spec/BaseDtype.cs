using System.Diagnostics.CodeAnalysis;

namespace PeftCluster.Jobs.Spec;

/// <summary>The number format that the base model's weights have in memory.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The format's own name, as config.json has it.")]
public enum BaseDtype
{
    /// <summary>32 bits. Weights that are stored in 16 are widened, which is exact.</summary>
    Float32,

    /// <summary>bfloat16, the upper half of a float32.</summary>
    Bfloat16,

    /// <summary>float16: more exact than bfloat16, up to 65504. Computed in float32, since processors have no products of it.</summary>
    Float16,

    /// <summary>As the files have them: float32, bfloat16 or float16.</summary>
    Stored,
}
