using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>The gate of an MLP.</summary>
internal static class Gated
{
    /// <summary>silu(gate) · up, element by element; silu(x) = x ÷ (1 + e⁻ˣ).</summary>
    public static Tensor SiluTimes(Tensor gate, Tensor up) => nn.functional.silu(gate) * up;
}
