namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// A vector on the wire: float32 little-endian from where it lies to where it belongs, then its <see cref="VectorChecksum"/>. It goes in pieces: they are what a cancellation
/// waits for, what a deadline counts, and small enough that the checksum finds in the cache what the socket has just read or will read next.
/// Back-pressure is the socket's own.
/// </summary>
internal static class VectorStream
{
    private const int PieceBytes = 1 << 19;

    // Over TCP bytes come 64 kB at a time, and being woken for each of them costs more than copying them.
    private const int WakeBytes = PieceBytes;

    /// <summary>Sends a vector whose checksum is known.</summary>
    public static Task SendAsync(ByteConnection connection, ReadOnlyMemory<float> vector, byte[] checksum, ProgressWatch watch) =>
        SendAsync(connection, vector, null, checksum, watch);

    /// <summary>Sends a vector.</summary>
    public static Task SendAsync(ByteConnection connection, ReadOnlyMemory<float> vector, bool ofLeaf, ProgressWatch watch) =>
        SendAsync(connection, vector, new VectorChecksum(ofLeaf), null, watch);

    /// <summary>Receives a vector to where it belongs; a leaf's hash is the answer.</summary>
    /// <exception cref="LostConnectionException">Its checksum is wrong; the memory holds anything.</exception>
    public static async Task<UInt128?> ReceiveAsync(ByteConnection connection, Memory<float> into, bool ofLeaf, ProgressWatch watch)
    {
        var checksum = new VectorChecksum(ofLeaf);
        await ReceiveAsync(connection, into, checksum, watch);
        await CheckAsync(connection, checksum.Value, watch);
        return checksum.LeafHash;
    }

    /// <summary>
    /// Receives a vector whose length only the sender vouches for: memory is taken as the bytes come, so a lie about the
    /// length costs its teller as much as anybody.
    /// </summary>
    public static async Task<(float[] Vector, UInt128? LeafHash)> ReceiveUnknownAsync(ByteConnection connection, int floats, bool ofLeaf, ProgressWatch watch)
    {
        var checksum = new VectorChecksum(ofLeaf);
        float[] vector = [];
        for (var received = 0; received < floats; received = vector.Length)
        {
            Array.Resize(ref vector, (int)Math.Min(floats, Math.Max(PieceBytes / sizeof(float), 2L * received)));
            await ReceiveAsync(connection, vector.AsMemory(received), checksum, watch);
        }
        await CheckAsync(connection, checksum.Value, watch);
        return (vector, checksum.LeafHash);
    }

    /// <summary>Reads a vector that is not wanted, so that an answer can be given.</summary>
    public static Task DrainAsync(ByteConnection connection, int floats, bool ofLeaf, ProgressWatch watch) =>
        new RemainderStream(connection, (long)floats * sizeof(float) + VectorChecksum.Length(ofLeaf), watch).DrainAsync();

    private static async Task SendAsync(ByteConnection connection, ReadOnlyMemory<float> vector, VectorChecksum? computed, byte[]? known, ProgressWatch watch)
    {
        var rest = FloatBytes.Of(vector);
        while (rest.Length > 0)
        {
            var piece = rest[..Math.Min(PieceBytes, rest.Length)];
            computed?.Append(piece.Span);
            await connection.WriteAsync(piece, watch);
            rest = rest[piece.Length..];
        }
        await connection.WriteAsync(known ?? computed!.Value, watch);
    }

    private static async Task ReceiveAsync(ByteConnection connection, Memory<float> into, VectorChecksum checksum, ProgressWatch watch)
    {
        var rest = new FloatBytes(into).Memory;
        while (rest.Length > 0)
        {
            connection.WakeAt(Math.Min(WakeBytes, rest.Length));
            var read = await connection.ReadSomeAsync(rest[..Math.Min(PieceBytes, rest.Length)], watch);
            checksum.Append(rest.Span[..read]);
            rest = rest[read..];
        }
        connection.WakeAt(1);
    }

    private static async Task CheckAsync(ByteConnection connection, byte[] computed, ProgressWatch watch)
    {
        var sent = new byte[computed.Length];
        await connection.ReadAsync(sent, watch);
        if (!sent.AsSpan().SequenceEqual(computed))
            throw new LostConnectionException("a vector came with a wrong checksum");
    }
}
