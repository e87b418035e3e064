using System.Runtime.InteropServices;
using PeftCluster.Cluster.Transport.Sockets;

namespace PeftCluster.Cluster.Transport;

/// <summary>A vector that lies in a channel. Its buffer is used again when nobody reads it and the channel has dropped it.</summary>
/// <param name="layoutHash">Its layout.</param>
/// <param name="vector">Its floats.</param>
/// <param name="leafHash">Of a leaf that came with it: its hash.</param>
internal sealed class VectorParcel(string layoutHash, float[] vector, UInt128? leafHash = null)
{
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reads, _wanted = int.MaxValue;

    public VectorShape Shape => new(layoutHash, vector.Length);

    public float[] Vector => vector;

    public UInt128? LeafHash => leafHash;

    /// <summary>Of a version: what is sent behind it to each worker.</summary>
    public byte[] Checksum { get; private set; } = [];

    /// <summary>Computes its checksum where it lies: the version is whole.</summary>
    public void Seal()
    {
        var checksum = new VectorChecksum(ofLeaf: false);
        checksum.Append(MemoryMarshal.AsBytes<float>(vector));
        Checksum = checksum.Value;
    }

    /// <summary>Who reads it just now; a channel counts them under its lock.</summary>
    public int Readers { get; set; }

    /// <summary>Its memory is the run's, and never the channel's buffer.</summary>
    public bool IsLent { get; set; }

    /// <summary>The channel has no use for it any more.</summary>
    public bool IsDropped { get; private set; }

    /// <summary>Done when it has been read so many times, or is dropped. Like all that counts readers, under the channel's lock.</summary>
    public Task ReadAsync(int times)
    {
        _wanted = times;
        Told();
        return _read.Task;
    }

    /// <summary>One reader has done.</summary>
    public void WasRead()
    {
        Readers--;
        _reads++;
        Told();
    }

    public void Drop()
    {
        IsDropped = true;
        Told();
    }

    /// <exception cref="InvalidDataException">It has another layout or length.</exception>
    public void Check(string what, VectorShape ours)
    {
        if (Shape.Objection(what, ours) is { } objection)
            throw new InvalidDataException(objection);
    }

    private void Told()
    {
        if (IsDropped || _reads >= _wanted)
            _read.TrySetResult();
    }
}
