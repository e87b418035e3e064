using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// Weight-decomposed LoRA (Liu et al., arXiv 2402.09353): y = W x + b + (g − 1) ∘ W x̃ + g ∘ s·B A x̃ with g = m ÷ n, n = ‖W + s·B A‖ for
/// each output and x̃ = dropout(x). Unusual: no gradient flows through n, as in the paper's section 4.3 and in PEFT.
/// </summary>
internal sealed class DoraLinear(IPlainLinear plain, Tensor a, Tensor b, Tensor magnitude, double scale, AdapterDropout dropout, int site) : ILinear
{
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var gain = magnitude / Lengths(plain.Weight, a, b, scale);
        var dropped = dropout.Apply(x, site);
        var change = nn.functional.linear(nn.functional.linear(dropped, a), b);
        var whole = plain.Forward(x);
        // Without dropout W x is there already, under its bias.
        var product = !ReferenceEquals(dropped, x) ? plain.Product(dropped) : plain.Bias is { } bias ? whole - bias : whole;
        return whole.Plus((gain.Minus(1) * product).Plus((gain * change).Times(scale))).MoveToOuterDisposeScope();
    }

    /// <summary>The length of each row of W + s·B A [out, in]; needs no graph and makes none.</summary>
    public static Tensor Lengths(Tensor weight, Tensor a, Tensor b, double scale)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        return b.mm(a).Times_(scale).Plus_(weight).norm(1).MoveToOuterDisposeScope();
    }
}
