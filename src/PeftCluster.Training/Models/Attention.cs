using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// softmax(q kᵀ ÷ √N + mask) v with grouped key heads. Attention's own dropout is not offered: the fused kernel would
/// leave its fast path and draw from a shared generator. H query heads, K key heads, S keys.
/// </summary>
internal static class Attention
{
    /// <summary>Each place sees itself and the places before it. [B, H, T, N], [B, K, T, N] twice → [B, H, T, N].</summary>
    public static Tensor Causal(Tensor query_BHTN, Tensor key_BKTN, Tensor value_BKTN) =>
        NativeOperations.GroupedAttention(query_BHTN, key_BKTN, value_BKTN, causal: true);

    /// <summary>One place of each row against its cache. Mask: true where a key is seen.</summary>
    public static Tensor Masked(Tensor query_BH1N, Tensor key_BKSN, Tensor value_BKSN, Tensor mask_B11S)
    {
        var groups = query_BH1N.shape[1] / key_BKSN.shape[1];
        // The queries of a group become the query places of their key head, so that nothing is repeated.
        var (rows, keyHeads, size) = (query_BH1N.shape[0], key_BKSN.shape[1], query_BH1N.shape[3]);
        var grouped_BKGN = query_BH1N.reshape(rows, keyHeads, groups, size);
        return nn.functional.scaled_dot_product_attention(grouped_BKGN, key_BKSN, value_BKSN, mask_B11S).reshape(rows, -1, 1, size);
    }
}
