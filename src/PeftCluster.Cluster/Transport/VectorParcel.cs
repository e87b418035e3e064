using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace PeftCluster.Cluster.Transport;

/// <summary>A vector that lies in a channel. Its buffer is used again when nobody reads it and the channel has dropped it.</summary>
/// <param name="layoutHash">Its layout.</param>
/// <param name="vector">Its floats.</param>
/// <param name="checksum">XxHash3 of its bytes.</param>
internal sealed class VectorParcel(string layoutHash, float[] vector, ulong checksum)
{
    public string LayoutHash => layoutHash;

    public float[] Vector => vector;

    public ulong Checksum => checksum;

    /// <summary>Who sends it just now; a channel counts them under its lock.</summary>
    public int Readers { get; set; }

    /// <summary>The channel has no use for it any more.</summary>
    public bool IsDropped { get; set; }

    public static ulong ChecksumOf(ReadOnlySpan<float> vector) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(vector));
}
