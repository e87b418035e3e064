using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>Rows of unlike length as one tensor, padded on the right with zeros: causal models never look there.</summary>
public static class PaddedRows
{
    /// <summary>Lengths are rounded up to a multiple of this, so that few shapes occur and products get sizes whose bits do not depend on threads.</summary>
    public const int Multiple = 16;

    /// <summary>The common length of rows: the longest, rounded up.</summary>
    public static int LengthOf(int longest) => (longest + Multiple - 1) / Multiple * Multiple;

    /// <summary>int64 ids [B, T].</summary>
    /// <param name="rows">Token ids of each row.</param>
    /// <param name="length">T, at least the longest row.</param>
    public static Tensor Of(IReadOnlyList<int[]> rows, int length)
    {
        var ids_BT = zeros(rows.Count, length, ScalarType.Int64);
        var ids = MemoryMarshal.Cast<byte, long>(ids_BT.bytes);
        for (var row = 0; row < rows.Count; row++)
        {
            for (var place = 0; place < rows[row].Length; place++)
                ids[row * length + place] = rows[row][place];
        }
        return ids_BT;
    }
}
