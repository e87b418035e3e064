using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// The attention of packed rows, sequence by sequence: nothing of one reaches another, and no mask is needed that a sequence alone would not need. A mask over
/// whole rows would cost several times as much (a block mask skips nothing). H query heads, N head size.
/// </summary>
internal static class PackedAttention
{
    /// <summary>Puts the sequences' results where their queries stand; padding gets zeros.</summary>
    /// <param name="sequences">In the order of rows and places.</param>
    /// <param name="query_BHTN">All queries.</param>
    /// <param name="mix">The attention of one sequence, its queries given: [1, H, t, N].</param>
    public static Tensor Mix(IReadOnlyList<PackedSight> sequences, Tensor query_BHTN, Func<PackedSight, Tensor, Tensor> mix)
    {
        var rows = new List<Tensor>();
        foreach (var row in sequences.GroupBy(one => one.Place.Row))
        {
            var parts = row.Select(one => mix(one, one.OfHeads(query_BHTN))).ToList();
            var (last, length) = (row.Last().Place, query_BHTN.shape[2]);
            if (last.Start + last.Length is var end && end < length)
                parts.Add(zeros(1, query_BHTN.shape[1], length - end, query_BHTN.shape[3], query_BHTN.dtype, query_BHTN.device));
            rows.Add(cat(parts, 2));
        }
        return cat(rows, 0);
    }

    /// <summary>The sequence's part of [B, H, T, N].</summary>
    private static Tensor OfHeads(this PackedSight one, Tensor x_BHTN) => x_BHTN.narrow(0, one.Place.Row, 1).narrow(2, one.Place.Start, one.Place.Length);

    /// <summary>The sequence's part of [B, T, …].</summary>
    public static Tensor Of(this PackedSight one, Tensor x_BT) => x_BT.narrow(0, one.Place.Row, 1).narrow(1, one.Place.Start, one.Place.Length);
}
