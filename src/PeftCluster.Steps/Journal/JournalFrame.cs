using System.Buffers.Binary;
using System.IO.Hashing;

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
    public static byte[] Around(JournalKind kind, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[LengthAround(payload.Length)];
        payload.CopyTo(PayloadOf(frame));
        Close(kind, frame);
        return frame;
    }

    /// <summary>How long the frame around so many bytes is.</summary>
    internal static int LengthAround(int payload) => checked(HeaderLength + BodyPrefix + payload + ChecksumLength);

    /// <summary>Where the payload lies in a frame.</summary>
    internal static Span<byte> PayloadOf(Span<byte> frame) => frame[(HeaderLength + BodyPrefix)..^ChecksumLength];

    /// <summary>Writes all of a frame that is not payload.</summary>
    internal static void Close(JournalKind kind, Span<byte> frame)
    {
        var body = frame[HeaderLength..^ChecksumLength];
        BinaryPrimitives.WriteInt32LittleEndian(frame, body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], XxHash32.HashToUInt32(frame[..4]));
        body[0] = Version;
        body[1] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(frame[^ChecksumLength..], XxHash3.HashToUInt64(body));
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
