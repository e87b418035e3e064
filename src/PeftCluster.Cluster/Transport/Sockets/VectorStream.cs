using System.Buffers.Binary;
using System.IO.Hashing;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// A vector on the wire: chunks of float32 little-endian, each followed by XxHash3 of everything up to its end. Chunks are what a cancellation waits for and
/// what a deadline counts; the last hash is the vector's. Back-pressure is the socket's own.
/// </summary>
internal static class VectorStream
{
    public const int ChunkBytes = 1 << 19;

    /// <summary>Sends a vector from where it lies.</summary>
    public static async Task SendAsync(ByteConnection connection, ReadOnlyMemory<float> vector, ProgressWatch watch)
    {
        var rest = FloatBytes.Of(vector);
        var hash = new XxHash3();
        var checksum = new byte[sizeof(ulong)];
        while (rest.Length > 0)
        {
            var chunk = rest[..Math.Min(ChunkBytes, rest.Length)];
            hash.Append(chunk.Span);
            BinaryPrimitives.WriteUInt64LittleEndian(checksum, hash.GetCurrentHashAsUInt64());
            await connection.WriteAsync(chunk, watch);
            await connection.WriteAsync(checksum, watch);
            rest = rest[chunk.Length..];
        }
    }

    /// <summary>Receives a vector to where it belongs, and answers its hash.</summary>
    /// <exception cref="LostConnectionException">A checksum is wrong; the memory holds anything.</exception>
    public static Task<ulong> ReceiveAsync(ByteConnection connection, Memory<float> into, ProgressWatch watch) =>
        new Receiver(connection, watch).ReceiveAsync(into);

    /// <summary>
    /// Receives a vector whose length only the sender vouches for: memory is taken as the bytes come, so a lie about the
    /// length costs its teller as much as anybody.
    /// </summary>
    public static async Task<(float[] Vector, ulong Hash)> ReceiveUnknownAsync(ByteConnection connection, int floats, ProgressWatch watch)
    {
        const int Chunk = ChunkBytes / sizeof(float);
        var receiver = new Receiver(connection, watch);
        var vector = new float[Math.Min(floats, Chunk)];
        var hash = await receiver.ReceiveAsync(vector);
        for (var received = vector.Length; received < floats; received = vector.Length)
        {
            Array.Resize(ref vector, (int)Math.Min(floats, 2L * received));
            hash = await receiver.ReceiveAsync(vector.AsMemory(received));
        }
        return (vector, hash);
    }

    /// <summary>The chunks' boundaries are multiples of the chunk's length from the start, so pieces may be received that end on one.</summary>
    private sealed class Receiver(ByteConnection connection, ProgressWatch watch)
    {
        private readonly XxHash3 _hash = new();
        private readonly byte[] _checksum = new byte[sizeof(ulong)];

        public async Task<ulong> ReceiveAsync(Memory<float> into)
        {
            var rest = new FloatBytes(into).Memory;
            var hash = _hash.GetCurrentHashAsUInt64();
            while (rest.Length > 0)
            {
                var chunk = rest[..Math.Min(ChunkBytes, rest.Length)];
                await connection.ReadAsync(chunk, watch);
                await connection.ReadAsync(_checksum, watch);
                _hash.Append(chunk.Span);
                hash = _hash.GetCurrentHashAsUInt64();
                if (hash != BinaryPrimitives.ReadUInt64LittleEndian(_checksum))
                    throw new LostConnectionException("a vector came with a wrong checksum");
                rest = rest[chunk.Length..];
            }
            return hash;
        }
    }
}
