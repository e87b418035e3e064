using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.T5;

/// <summary>
/// T5's only sense of place: a learnt number for each head and each bucket of the distance key − query (Raffel et al., arXiv 1910.10683).
/// Near distances have a bucket each, farther ones share buckets that widen as a logarithm, and all from <paramref name="farthest"/> on
/// share the last. All layers of a stack use the one table. H heads, T queries, S keys.
/// </summary>
/// <param name="weight_KH">The table, K buckets.</param>
/// <param name="bothWays">Whether keys after the query have buckets of their own (the upper half); else they count as distance 0.</param>
/// <param name="farthest">The distance at which buckets end.</param>
/// <param name="flowing">The number format of the heads that it is added to.</param>
internal sealed class RelativeBias(Tensor weight_KH, bool bothWays, int farthest, ScalarType flowing)
{
    /// <summary>What is added to scores: [R, H, T, S], R being the rows of places.</summary>
    /// <param name="places_RT">int64 places of the queries; one row where all rows have the same.</param>
    /// <param name="keys">S; keys stand at 0 … S − 1.</param>
    public Tensor Of(Tensor places_RT, long keys)
    {
        using var scope = NewDisposeScope();
        var distance_RTS = Arithmetic.Range(0, keys, places_RT.device).view(1, 1, -1) - places_RT.unsqueeze(2);
        var buckets = Buckets(distance_RTS, weight_KH.shape[0], bothWays, farthest);
        var bias_RTSH = weight_KH.index_select(0, buckets.reshape(-1)).view(places_RT.shape[0], places_RT.shape[1], keys, -1);
        return bias_RTSH.permute(0, 3, 1, 2).to(flowing).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The bucket of each distance, in float32 as PyTorch computes it: with K buckets a side, half of them exact,
    /// K÷2 + ⌊ln(d ÷ (K÷2)) ÷ ln(farthest ÷ (K÷2)) · (K − K÷2)⌋, at most K − 1.
    /// </summary>
    internal static Tensor Buckets(Tensor distance, long buckets, bool bothWays, int farthest)
    {
        using var scope = NewDisposeScope();
        var side = bothWays ? buckets / 2 : buckets;
        var away = bothWays ? distance.abs() : distance.neg().ClampMin(0);
        var exact = side / 2;
        var far = away.to(ScalarType.Float32).DividedBy(exact).log().DividedBy(Math.Log((double)farthest / exact)).Times(side - exact);
        // The logarithm of 0 is of no bucket; where() does not take it.
        var shared = far.ClampMin(0).to(ScalarType.Int64).Plus(exact).ClampMax(side - 1);
        var bucket = where(away.Below(exact), away, shared);
        return (bothWays ? bucket.Plus(distance.Above(0).to(ScalarType.Int64).Times(side)) : bucket).MoveToOuterDisposeScope();
    }
}
