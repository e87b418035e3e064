using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>What makes logits of hidden states: h Wᵀ, and with a cap c · tanh(h Wᵀ ÷ c).</summary>
/// <param name="Weight_VD">The weight; the embedding itself where the two are tied.</param>
/// <param name="Cap">c, or null.</param>
public sealed record OutputHead(Tensor Weight_VD, double? Cap)
{
    /// <summary>[…, D] → […, V]</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var logits = nn.functional.linear(hidden, Weight_VD);
        return (Cap is { } cap ? (logits / cap).tanh() * cap : logits).MoveToOuterDisposeScope();
    }
}
