using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// softmax(s · q kᵀ + mask) v with grouped key heads, where s is 1 ÷ √N. Attention's own dropout is not offered: the fused kernel would
/// leave its fast path and draw from a shared generator. Scores are float32 whatever the heads are. H query heads, K key heads, G = H ÷ K, S keys.
/// </summary>
internal static class Attention
{
    /// <summary>Each place sees itself and the places before it. [B, H, T, N], [B, K, T, N] twice → [B, H, T, N].</summary>
    public static Tensor Causal(Tensor query_BHTN, Tensor key_BKTN, Tensor value_BKTN) =>
        NativeOperations.GroupedAttention(query_BHTN, key_BKTN, value_BKTN, causal: true);

    /// <summary>Places see the keys for which the mask is true.</summary>
    public static Tensor Masked(Tensor query_BHTN, Tensor key_BKSN, Tensor value_BKSN, Tensor mask_B1TS)
    {
        var grouped = Grouped(query_BHTN, key_BKSN.shape[1]);
        var mask = Grouped(mask_B1TS, query_BHTN.shape[1] / key_BKSN.shape[1], query_BHTN.shape[2]);
        return nn.functional.scaled_dot_product_attention(grouped, key_BKSN, value_BKSN, mask).reshape(query_BHTN.shape);
    }

    /// <summary>
    /// softmax(c · tanh(s · q kᵀ ÷ c) + mask) v with any scale s, step by step: no fused kernel knows caps, so memory grows with T · S.
    /// </summary>
    public static Tensor Capped(Tensor query_BHTN, Tensor key_BKSN, Tensor value_BKSN, Tensor mask_B1TS, double scale, double? cap)
    {
        var grouped = Grouped(query_BHTN, key_BKSN.shape[1]);
        var mask = Grouped(mask_B1TS, query_BHTN.shape[1] / key_BKSN.shape[1], query_BHTN.shape[2]);
        var score = grouped.matmul(key_BKSN.transpose(2, 3)).to(ScalarType.Float32).Times(scale);
        if (cap is { } most)
            score = score.DividedBy(most).tanh().Times(most);
        var weight = score.MaskedFill(mask.logical_not(), double.NegativeInfinity).softmax(-1).to(value_BKSN.dtype);
        return weight.matmul(value_BKSN).reshape(query_BHTN.shape);
    }

    // The queries of a group become the query places of their key head, so that no key is repeated: [B, K, G · T, N].
    private static Tensor Grouped(Tensor query_BHTN, long keyHeads) =>
        query_BHTN.reshape(query_BHTN.shape[0], keyHeads, -1, query_BHTN.shape[3]);

    private static Tensor Grouped(Tensor mask_B1TS, long groups, long tokens) => tokens == 1 ? mask_B1TS : mask_B1TS.repeat(1, 1, groups, 1);
}
