using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Keys;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace ExamplePlugin;

/// <summary>The keys of the focal loss.</summary>
public sealed record FocalSpec : LossSpec
{
    public override string Type => "focal";

    /// <summary>γ: how much less a token counts that the model is sure of. Below 1 the gradient of a certain token would not be finite.</summary>
    [In("[1, 10]")]
    public double Gamma { get; init; } = 2;
}

/// <summary>−(1 − p)^γ log p of the right token (Lin et al., arXiv 1708.02002).</summary>
public sealed class FocalLoss : TokenLoss<FocalSpec>
{
    protected override Tensor Of(FocalSpec spec, Tensor logits_MV, Tensor targets_M)
    {
        var log_M = logits_MV.log_softmax(1).gather(1, targets_M.unsqueeze(1)).squeeze(1);
        return -(log_M.exp().SubtractedFrom(1).ClampMin(0).Power(spec.Gamma) * log_M);
    }
}
