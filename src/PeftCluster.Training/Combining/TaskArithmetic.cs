using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Combining;

/// <summary>
/// Tensors of one shape, one of each adapter, as one: PEFT's <c>merge_utils</c>. With p what pruning leaves of t and w the weights:
/// <code>
/// plain         Σ wᵢ pᵢ
/// elects sign   Σ wᵢ pᵢ mᵢ ÷ max(1, Σ mᵢ),   mᵢ = [sign pᵢ = sign Σ pⱼ],   the sign of 0 being +
/// </code>
/// Unusual: the majority is that of the unweighted numbers, so a negative weight turns what was elected.
/// </summary>
internal sealed class TaskArithmetic(CombinationSpec spec)
{
    /// <summary>The combination, in the current dispose scope.</summary>
    /// <param name="tensors">t, of equal shapes.</param>
    /// <param name="weights">w</param>
    /// <param name="kept">For random pruning: 1 where the i-th tensor's number stays, else 0.</param>
    public Tensor Merge(IReadOnlyList<Tensor> tensors, IReadOnlyList<double> weights, Func<int, Tensor> kept)
    {
        using var scope = NewDisposeScope();
        var pruned = stack([.. tensors.Select((one, index) => Pruned(one, () => kept(index)))]);
        // float32, as PEFT has them.
        var weighted = pruned * tensor(weights.Select(weight => (float)weight).ToArray()).view([-1, .. tensors[0].shape.Select(_ => 1L)]);
        if (!spec.Type.ElectsSign)
            return weighted.sum(new long[] { 0 }).MoveToOuterDisposeScope();
        var sign = pruned.sign();
        var votes = (spec.ByFrequency == true ? sign : pruned).sum(new long[] { 0 });
        var counts = sign.eq(votes.AtLeast(0).to(ScalarType.Float32).Times(2).Minus(1)).to(ScalarType.Float32);
        return ((weighted * counts).sum(new long[] { 0 }) / counts.sum(new long[] { 0 }).ClampMin(1)).MoveToOuterDisposeScope();
    }

    private Tensor Pruned(Tensor one, Func<Tensor> kept) => spec switch
    {
        { Type.Pruning: Pruning.Magnitude, Density: < 1 and var density } => one * Largest(one, (long)(density * one.numel())),
        { Type.Pruning: Pruning.Random, Density: < 1 and var density } => (one * kept()).DividedBy((float)density),
        _ => one,
    };

    private static Tensor Largest(Tensor one, long count)
    {
        var mask = zeros(one.numel());
        if (count > 0)
            mask.IndexFill_(0, one.abs().reshape(-1).topk((int)count).indexes, 1);
        return mask.view(one.shape);
    }
}
