using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>A norm over the last dimension, as a model sees it.</summary>
internal interface INorm
{
    /// <summary>[…, D] → […, D]</summary>
    Tensor Forward(Tensor x);
}

/// <summary>Layer norm (Ba et al., arXiv 1607.06450): w · (x − mean x) ÷ √(var x + ε) + b over the last dimension.</summary>
internal sealed class LayerNorm(Tensor weight_D, Tensor bias_D, double epsilon) : INorm
{
    public Tensor Forward(Tensor x)
    {
        var common = Formats.Common(Formats.Common(x.dtype, weight_D.dtype), bias_D.dtype);
        if (common == x.dtype && common == weight_D.dtype)
            return nn.functional.layer_norm(x, weight_D.shape, weight_D, bias_D, epsilon);
        using var scope = NewDisposeScope();
        return nn.functional.layer_norm(x.to(common), weight_D.shape, weight_D.to(common), bias_D.to(common), epsilon).to(x.dtype).MoveToOuterDisposeScope();
    }
}

/// <summary>Makes the norm that a decoder's family has.</summary>
internal static class Norms
{
    /// <param name="config">The decoder.</param>
    /// <param name="weights">Gives the norm's weight, and its bias.</param>
    /// <param name="path">The norm's module.</param>
    public static INorm Of(DecoderConfig config, WeightLookup weights, string path) => config.CentredNorm
        ? new LayerNorm(weights($"{path}.weight"), weights($"{path}.bias"), config.NormEpsilon)
        : new RmsNorm(weights($"{path}.weight"), config.NormEpsilon, config.NormOffset);
}
