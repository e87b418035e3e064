using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace PeftCluster.Cluster.Transport;

/// <summary>A vector that lies in a channel. Its buffer is used again when nobody reads it and the channel has dropped it.</summary>
/// <param name="layoutHash">Its layout.</param>
/// <param name="vector">Its floats.</param>
internal sealed class VectorParcel(string layoutHash, float[] vector)
{
    private readonly Lock _lock = new();
    private ulong? _checksum;

    public VectorShape Shape => new(layoutHash, vector.Length);

    public float[] Vector => vector;

    /// <summary>XxHash3 of its bytes. A version goes to every worker, and is hashed for the first.</summary>
    public ulong Checksum
    {
        get
        {
            lock (_lock)
                return _checksum ??= XxHash3.HashToUInt64(MemoryMarshal.AsBytes<float>(vector));
        }
    }

    /// <summary>Who reads it just now; a channel counts them under its lock.</summary>
    public int Readers { get; set; }

    /// <summary>The channel has no use for it any more.</summary>
    public bool IsDropped { get; set; }

    /// <exception cref="InvalidDataException">It has another layout or length.</exception>
    public void Check(string what, VectorShape ours)
    {
        if (Shape.Objection(what, ours) is { } objection)
            throw new InvalidDataException(objection);
    }
}
