using System.IO.Compression;
using System.Runtime.Serialization;

namespace PeftCluster.Cluster.Wire;

/// <summary>
/// The bytes of a message: JSON as it is while it is short, compressed when it is long. Akka drops a frame above 128,000 bytes, and the layout
/// of an adapter on every layer of a large model is twice that as JSON, a tenth of it compressed. JSON begins with a brace, so one first byte
/// tells which it is.
/// </summary>
internal static class WirePayload
{
    /// <summary>Shorter ones are sent as they are.</summary>
    public const int Long = 16_384;

    /// <summary>What a peer's message may grow to: a small message must not fill the memory.</summary>
    public const int Most = 16_000_000;

    private const byte Compressed = 1;

    public static byte[] Pack(byte[] json)
    {
        if (json.Length < Long)
            return json;
        using var packed = new MemoryStream();
        packed.WriteByte(Compressed);
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest))
            brotli.Write(json);
        return packed.ToArray();
    }

    /// <exception cref="SerializationException">It is damaged, or grows beyond <see cref="Most"/>.</exception>
    public static ReadOnlySpan<byte> Open(byte[] bytes)
    {
        if (bytes.Length == 0 || bytes[0] != Compressed)
            return bytes;
        try
        {
            using var brotli = new BrotliStream(new MemoryStream(bytes, 1, bytes.Length - 1), CompressionMode.Decompress);
            using var json = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (var read = brotli.Read(buffer); read > 0; read = brotli.Read(buffer))
            {
                json.Write(buffer, 0, read);
                if (json.Length > Most)
                    throw new SerializationException($"a message of more than {Most:N0} bytes is refused");
            }
            return json.GetBuffer().AsSpan(0, (int)json.Length);
        }
        catch (InvalidDataException damaged)
        {
            throw new SerializationException("a damaged message is refused", damaged);
        }
    }
}
