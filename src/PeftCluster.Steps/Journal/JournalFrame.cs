using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace PeftCluster.Steps.Journal;

/// <summary>
/// One record in a journal's file, so that a torn end and a flipped bit can be told apart:
/// <code>
/// 4 bytes   length of the body
/// 4 bytes   XxHash32 of the length: without it a flipped length would look like a torn end, and good records after it would be cut
/// body      version, kind, payload
/// 8 bytes   XxHash3 of the body
/// </code>
/// All numbers are little endian.
/// </summary>
public static class JournalFrame
{
    /// <summary>The version of what payloads hold. A build reads its own and no later ones.</summary>
    public const byte Version = 2;

    internal const int HeaderLength = 8;
    internal const int ChecksumLength = 8;
    internal const int BodyPrefix = 2;

    /// <summary>Bytes of the frame around a payload.</summary>
    public static byte[] Around(JournalKind kind, ReadOnlySpan<byte> payload) => Around(kind, payload, default).ToArray();

    /// <summary>The frame around a payload that ends with a vector, which is not copied.</summary>
    public static FrameInParts Around(JournalKind kind, ReadOnlySpan<byte> payload, ReadOnlyMemory<float> vector)
    {
        var (head, tail) = (new byte[HeaderLength + BodyPrefix + payload.Length], new byte[ChecksumLength]);
        var numbers = MemoryMarshal.AsBytes(vector.Span);
        BinaryPrimitives.WriteInt32LittleEndian(head, checked(BodyPrefix + payload.Length + numbers.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), XxHash32.HashToUInt32(head.AsSpan(0, 4)));
        (head[HeaderLength], head[HeaderLength + 1]) = (Version, (byte)kind);
        payload.CopyTo(head.AsSpan(HeaderLength + BodyPrefix));
        var checksum = new XxHash3();
        checksum.Append(head.AsSpan(HeaderLength));
        checksum.Append(numbers);
        BinaryPrimitives.WriteUInt64LittleEndian(tail, checksum.GetCurrentHashAsUInt64());
        return new FrameInParts(head, vector, tail);
    }

    /// <summary>The body's length from a frame's first 8 bytes, or null where they contradict themselves.</summary>
    internal static int? BodyLength(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == XxHash32.HashToUInt32(header[..4]) && length >= BodyPrefix ? length : null;
    }

    internal static bool ChecksumHolds(ReadOnlySpan<byte> body, ReadOnlySpan<byte> checksum) =>
        BinaryPrimitives.ReadUInt64LittleEndian(checksum) == XxHash3.HashToUInt64(body);
}

/// <summary>A frame as three pieces, one after another in the file.</summary>
/// <param name="Head">All before the vector.</param>
/// <param name="Vector">The vector, where its owner has it.</param>
/// <param name="Tail">The checksum.</param>
public readonly record struct FrameInParts(byte[] Head, ReadOnlyMemory<float> Vector, byte[] Tail)
{
    /// <summary>The vector's bytes.</summary>
    public ReadOnlySpan<byte> Numbers => MemoryMarshal.AsBytes(Vector.Span);

    /// <summary>All of it in one piece: a copy.</summary>
    public byte[] ToArray() => [.. Head, .. Numbers, .. Tail];
}

/// <summary>What a frame holds. Values are in files: append only.</summary>
public enum JournalKind : byte
{
    /// <summary>A commit record and the chain's hash after it.</summary>
    Commit = 1,

    /// <summary>A summed gradient.</summary>
    Gradient = 2,

    /// <summary>Decisions at a version that no step follows.</summary>
    LastDecisions = 3,
}
