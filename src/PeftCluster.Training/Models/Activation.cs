using System.Diagnostics;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>What an MLP does to each number of its gate.</summary>
public enum Activation
{
    /// <summary>x ÷ (1 + e⁻ˣ)</summary>
    Silu,

    /// <summary>max(x, 0)</summary>
    Relu,

    /// <summary>x · Φ(x), with the normal distribution's Φ.</summary>
    Gelu,

    /// <summary>½ x (1 + tanh(√(2÷π) (x + 0.044715 x³))), the usual approximation of gelu (arXiv 1606.08415).</summary>
    GeluTanh,
}

/// <summary>Computes them.</summary>
internal static class ActivationFunction
{
    public static Tensor Of(this Activation activation, Tensor x) => activation switch
    {
        Activation.Silu => nn.functional.silu(x),
        Activation.Relu => nn.functional.relu(x),
        Activation.Gelu => nn.functional.gelu(x),
        Activation.GeluTanh => nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh, inplace: false),
        _ => throw new UnreachableException($"activation {activation}"),
    };
}
