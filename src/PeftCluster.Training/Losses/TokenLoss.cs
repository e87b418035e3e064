using PeftCluster.Jobs.Spec;
using static TorchSharp.torch;

namespace PeftCluster.Training.Losses;

/// <summary>
/// A loss in the place of cross-entropy: one number for each labelled token, from that token's logits alone. What it gives is added over a
/// micro-batch and divided by the labelled tokens of the whole step, so that leaves still add and the bits do not depend on who computed what.
/// The gradient is autograd's. It keeps nothing between calls; several devices of a process may call it at once. M places, V vocabulary (or classes).
/// </summary>
public abstract class TokenLoss
{
    /// <summary>The record of <see cref="LossSpec"/> that belongs to it.</summary>
    public abstract Type Spec { get; }

    /// <summary>The losses of some places of a micro-batch; at most 512 places come at a time.</summary>
    /// <param name="spec">Its keys in the job.</param>
    /// <param name="logits_MV">float32 logits, as the model gives them; they require a gradient.</param>
    /// <param name="targets_M">int64 tokens (or classes) that are right.</param>
    /// <returns>[M] float32, not divided and not added.</returns>
    public abstract Tensor Of(LossSpec spec, Tensor logits_MV, Tensor targets_M);
}

/// <summary>The same with the loss's own record.</summary>
public abstract class TokenLoss<TSpec> : TokenLoss
    where TSpec : LossSpec
{
    public sealed override Type Spec => typeof(TSpec);

    public sealed override Tensor Of(LossSpec spec, Tensor logits_MV, Tensor targets_M) => Of((TSpec)spec, logits_MV, targets_M);

    protected abstract Tensor Of(TSpec spec, Tensor logits_MV, Tensor targets_M);
}
