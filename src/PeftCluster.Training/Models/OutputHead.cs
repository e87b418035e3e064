using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>What makes logits of hidden states: h Wᵀ, and with a cap c · tanh(h Wᵀ ÷ c).</summary>
/// <param name="Weight_VD">The weight; the embedding itself where the two are tied.</param>
/// <param name="Cap">c, or null.</param>
public sealed record OutputHead(Tensor Weight_VD, double? Cap)
{
    /// <summary>[…, D] → […, V], float32 whatever the model computes in.</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var logits = nn.functional.linear(hidden, Weight_VD).to(ScalarType.Float32);
        return (Cap is { } cap ? (logits / cap).tanh() * cap : logits).MoveToOuterDisposeScope();
    }
}
