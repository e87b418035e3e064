using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Root mean square norm (Zhang and Sennrich, arXiv 1910.07467): (w + offset) · x ÷ √(mean(x²) + ε) over the last dimension, in float32
/// whatever x is; as in transformers a plain weight multiplies what has been rounded to x's format, and one with an offset what has not.
/// </summary>
internal sealed class RmsNorm(Tensor weight_D, double epsilon, double offset = 0) : INorm
{
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var wide = x.to(ScalarType.Float32);
        var normed = wide * wide.Squared().mean([-1], keepdim: true).Plus(epsilon).rsqrt();
        var scaled = offset == 0 ? (weight_D * normed.to(x.dtype)).to(x.dtype) : (weight_D.to(ScalarType.Float32).Plus(offset) * normed).to(x.dtype);
        return scaled.MoveToOuterDisposeScope();
    }
}
