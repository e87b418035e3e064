using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Root mean square norm (Zhang and Sennrich, arXiv 1910.07467): (w + offset) · x ÷ √(mean(x²) + ε) over the last dimension.
/// </summary>
internal sealed class RmsNorm(Tensor weight_D, double epsilon, double offset = 0) : INorm
{
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var scale = x.square().mean([-1], keepdim: true).add(epsilon).rsqrt();
        var weight = offset == 0 ? weight_D : weight_D + offset;
        return (weight * (x * scale)).MoveToOuterDisposeScope();
    }
}
