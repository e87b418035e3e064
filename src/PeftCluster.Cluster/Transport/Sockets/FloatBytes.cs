using System.Buffers;
using System.Runtime.InteropServices;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// A vector's own memory seen as the bytes of the wire, so that it is sent from where it lies and received to where it belongs. Float32
/// little-endian is what every processor here has in memory.
/// </summary>
internal sealed class FloatBytes(Memory<float> floats) : MemoryManager<byte>
{
    /// <summary>For sending only.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<float> floats) => new FloatBytes(MemoryMarshal.AsMemory(floats)).Memory;

    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(floats.Span);

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        var pinned = floats.Pin();
        return new MemoryHandle((byte*)pinned.Pointer + elementIndex, default, new Pinned(pinned));
    }

    public override void Unpin() { }

    protected override void Dispose(bool disposing) { }

    private sealed class Pinned(MemoryHandle handle) : IPinnable
    {
        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException();

        public void Unpin() => handle.Dispose();
    }
}
