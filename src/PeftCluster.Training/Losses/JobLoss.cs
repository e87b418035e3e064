using System.Runtime.InteropServices;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Losses;

/// <summary>A plugin's loss with the keys of one job, as <see cref="HeadLoss"/> uses it. What it gives is checked, since it is somebody else's code.</summary>
/// <param name="loss">The loss.</param>
/// <param name="spec">Its keys.</param>
public sealed class JobLoss(TokenLoss loss, LossSpec spec)
{
    /// <summary>Losses of R places; their logits become ∂(sum of losses)/∂logits ÷ denominator, in place.</summary>
    /// <param name="logits_RV">Logits before a cap.</param>
    /// <param name="targets_R">int64.</param>
    /// <param name="cap">c of logits that become c · tanh(logit ÷ c), or null.</param>
    /// <param name="denominator">Labels of the whole step.</param>
    /// <exception cref="BadInputException">The loss failed, or gave something else than a loss for each place.</exception>
    internal float[] InPlace(Tensor logits_RV, Tensor targets_R, double? cap, long denominator)
    {
        using var scope = NewDisposeScope();
        using var graph = enable_grad();
        var leaf_RV = logits_RV.detach().clone().requires_grad_();
        var losses_R = Of(cap is { } most ? leaf_RV.DividedBy(most).tanh().Times(most) : leaf_RV, targets_R);
        losses_R.backward([ones_like(losses_R, requires_grad: false)]);
        using var noGraph = no_grad();
        logits_RV.copy_(leaf_RV.grad!.DividedBy(denominator));
        return MemoryMarshal.Cast<byte, float>(losses_R.detach().contiguous().cpu().bytes).ToArray();
    }

    private Tensor Of(Tensor logits_RV, Tensor targets_R)
    {
        Tensor losses;
        try
        {
            losses = loss.Of(spec, logits_RV, targets_R);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            throw new BadInputException($"training.loss: {spec.Type} failed: {failed.Message.ReplaceLineEndings(" ")}", failed);
        }
        if (losses is not { IsInvalid: false } || losses.dtype != ScalarType.Float32 || !losses.shape.SequenceEqual(targets_R.shape))
            throw new BadInputException($"training.loss: {spec.Type} gave {(losses is not { IsInvalid: false } ? "nothing" : $"{losses.dtype} [{string.Join(", ", losses.shape)}]")} for {targets_R.shape[0]} places. A loss is one float32 for each place, [{targets_R.shape[0]}].");
        return losses.requires_grad
            ? losses
            : throw new BadInputException($"training.loss: {spec.Type} does not depend on the logits, so nothing can be learnt from it.");
    }
}
