using System.Buffers;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>A file on the wire: its bytes, as many as were announced. Its name is its SHA-256, so nothing else guards it.</summary>
internal static class FileTransfer
{
    private const int ChunkBytes = 1 << 18;

    /// <summary>Announces a file's length, then sends it.</summary>
    public static async Task SendAsync(ByteConnection connection, FrameKind kind, FileStream file, ProgressWatch watch)
    {
        var bytes = file.Length;
        await connection.SendAsync(connection.Frame(kind).Add(bytes), watch);
        await SendBytesAsync(connection, file, bytes, watch);
    }

    /// <summary>Sends so many bytes of a file.</summary>
    /// <exception cref="LostConnectionException">It has become shorter; what was announced cannot be kept.</exception>
    public static async Task SendBytesAsync(ByteConnection connection, FileStream file, long bytes, ProgressWatch watch)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (var rest = bytes; rest > 0;)
            {
                var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, rest)), watch.Token);
                if (read == 0)
                    throw new LostConnectionException($"{file.Name} has become shorter while it was sent");
                await connection.WriteAsync(buffer.AsMemory(0, read), watch);
                rest -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
