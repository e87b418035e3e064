using System.Buffers.Binary;
using System.IO.Hashing;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// A vector on the wire: float32 little-endian from where it lies to where it belongs, then XxHash3 of all of it. It goes in pieces: they are what a cancellation
/// waits for, what a deadline counts, and small enough that the hash finds in the cache what the socket has just read or will read next.
/// Back-pressure is the socket's own.
/// </summary>
internal static class VectorStream
{
    private const int PieceBytes = 1 << 19;

    /// <summary>Sends a vector.</summary>
    /// <param name="known">Its hash, where it is known; else null.</param>
    public static async Task SendAsync(ByteConnection connection, ReadOnlyMemory<float> vector, ulong? known, ProgressWatch watch)
    {
        var rest = FloatBytes.Of(vector);
        var hash = new XxHash3();
        while (rest.Length > 0)
        {
            var piece = rest[..Math.Min(PieceBytes, rest.Length)];
            if (known is null)
                hash.Append(piece.Span);
            await connection.WriteAsync(piece, watch);
            rest = rest[piece.Length..];
        }
        var checksum = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(checksum, known ?? hash.GetCurrentHashAsUInt64());
        await connection.WriteAsync(checksum, watch);
    }

    /// <summary>Receives a vector to where it belongs.</summary>
    /// <exception cref="LostConnectionException">Its checksum is wrong; the memory holds anything.</exception>
    public static async Task ReceiveAsync(ByteConnection connection, Memory<float> into, ProgressWatch watch)
    {
        var hash = new XxHash3();
        await ReceiveAsync(connection, into, hash, watch);
        await CheckAsync(connection, hash, watch);
    }

    /// <summary>
    /// Receives a vector whose length only the sender vouches for: memory is taken as the bytes come, so a lie about the
    /// length costs its teller as much as anybody.
    /// </summary>
    public static async Task<float[]> ReceiveUnknownAsync(ByteConnection connection, int floats, ProgressWatch watch)
    {
        var hash = new XxHash3();
        float[] vector = [];
        for (var received = 0; received < floats; received = vector.Length)
        {
            Array.Resize(ref vector, (int)Math.Min(floats, Math.Max(PieceBytes / sizeof(float), 2L * received)));
            await ReceiveAsync(connection, vector.AsMemory(received), hash, watch);
        }
        await CheckAsync(connection, hash, watch);
        return vector;
    }

    /// <summary>Reads a vector that is not wanted, so that an answer can be given.</summary>
    public static Task DrainAsync(ByteConnection connection, int floats, ProgressWatch watch) =>
        new RemainderStream(connection, (long)floats * sizeof(float) + sizeof(ulong), watch).DrainAsync();

    private static async Task ReceiveAsync(ByteConnection connection, Memory<float> into, XxHash3 hash, ProgressWatch watch)
    {
        var rest = new FloatBytes(into).Memory;
        while (rest.Length > 0)
        {
            var read = await connection.ReadSomeAsync(rest[..Math.Min(PieceBytes, rest.Length)], watch);
            hash.Append(rest.Span[..read]);
            rest = rest[read..];
        }
    }

    private static async Task CheckAsync(ByteConnection connection, XxHash3 hash, ProgressWatch watch)
    {
        var checksum = new byte[sizeof(ulong)];
        await connection.ReadAsync(checksum, watch);
        if (hash.GetCurrentHashAsUInt64() != BinaryPrimitives.ReadUInt64LittleEndian(checksum))
            throw new LostConnectionException("a vector came with a wrong checksum");
    }
}
