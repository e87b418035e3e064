using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// A request or an answer: a header of 8 bytes (magic, version, kind, length of the fields), the fields, and XxHash3 of all of it. Little-endian; strings
/// are UTF-8 behind their length. One object per connection and direction is used again and again, so nothing is allocated for it.
/// Whatever bytes come, reading fails with <see cref="LostConnectionException"/> or gives what was written.
/// </summary>
internal sealed class Frame
{
    public const int HeaderLength = 8;
    public const int ChecksumLength = 8;

    /// <summary>No request comes near it.</summary>
    public const int LongestFields = 4096;

    /// <summary>Both ends must speak the same.</summary>
    public const byte Version = 2;

    private const uint Magic = 0x43424650; // "PFBC"
    private const int LongestText = 1024;

    private readonly byte[] _bytes = new byte[HeaderLength + LongestFields + ChecksumLength];
    private int _end;
    private int _position;

    public FrameKind Kind { get; private set; }

    /// <summary>Where the header is read to.</summary>
    public Memory<byte> Header => _bytes.AsMemory(0, HeaderLength);

    /// <summary>Begins a frame to be sent.</summary>
    public Frame Begin(FrameKind kind)
    {
        Kind = kind;
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes, Magic);
        (_bytes[4], _bytes[5], _end) = (Version, (byte)kind, HeaderLength);
        return this;
    }

    public Frame Add(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_end), value);
        _end += sizeof(int);
        return this;
    }

    public Frame Add(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(_end), value);
        _end += sizeof(long);
        return this;
    }

    /// <exception cref="InvalidDataException">It is longer than any name may be.</exception>
    public Frame Add(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (length > LongestText || _end + length + sizeof(ushort) > HeaderLength + LongestFields)
            throw new InvalidDataException($"a name of {length} bytes is too long for the wire: at most {LongestText}");
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(_end), (ushort)length);
        Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_end + sizeof(ushort)));
        _end += sizeof(ushort) + length;
        return this;
    }

    public Frame Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
        return this;
    }

    /// <summary>What to send.</summary>
    public ReadOnlyMemory<byte> End()
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(6), (ushort)(_end - HeaderLength));
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_end), XxHash3.HashToUInt64(_bytes.AsSpan(0, _end)));
        return _bytes.AsMemory(0, _end + ChecksumLength);
    }

    /// <summary>After the header was read: where the rest is read to.</summary>
    /// <param name="longest">The longest fields that are taken here.</param>
    public Memory<byte> Rest(int longest)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(_bytes) != Magic)
            throw new LostConnectionException("what came is not of this protocol");
        if (_bytes[4] != Version)
            throw new LinkRefusedException($"refused: the other end speaks version {_bytes[4]} of the byte channel, this build version {Version}");
        var length = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(6));
        if (length > longest)
            throw new LostConnectionException($"a frame with {length} bytes of fields came where at most {longest} are taken");
        (_end, _position) = (HeaderLength + length, HeaderLength);
        return _bytes.AsMemory(HeaderLength, length + ChecksumLength);
    }

    /// <summary>After the rest was read.</summary>
    public void Check()
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(_end)) != XxHash3.HashToUInt64(_bytes.AsSpan(0, _end)))
            throw new LostConnectionException("a frame came with a wrong checksum");
        Kind = (FrameKind)_bytes[5];
    }

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Next(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Next(sizeof(long)));

    public string Text()
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(Next(sizeof(ushort)));
        if (length > LongestText)
            throw new LostConnectionException($"a name of {length} bytes came");
        return Encoding.UTF8.GetString(Next(length));
    }

    public ReadOnlySpan<byte> Next(int length)
    {
        if (length > _end - _position)
            throw new LostConnectionException($"a frame {Kind} ends too early");
        _position += length;
        return _bytes.AsSpan(_position - length, length);
    }
}
