using System.Buffers.Binary;

namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>
/// The fields of a protobuf message, one after the other, as they lie in the file (protobuf.dev, Encoding). Enough for
/// sentencepiece_model.proto: no groups, no generated code. Whatever does not fit ends the reading with <see cref="IsDamaged"/>.
/// </summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Which field was read.</summary>
    public int Field { get; private set; }

    /// <summary>Its value, where it is a number (a float: its bits).</summary>
    public ulong Number { get; private set; }

    /// <summary>Its value, where it is a text, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Whether reading ended at something that is no field.</summary>
    public bool IsDamaged { get; private set; }

    public readonly float Single => BitConverter.UInt32BitsToSingle((uint)Number);

    public readonly bool Flag => Number != 0;

    /// <summary>Reads the next field; false at the message's end, and where it is damaged.</summary>
    public bool Read()
    {
        if (_rest.IsEmpty || IsDamaged)
            return false;
        IsDamaged = !TryReadField();
        return !IsDamaged;
    }

    private bool TryReadField()
    {
        Number = 0;
        Bytes = default;
        if (!TryReadVarint(out var tag) || tag >> 3 is 0 or > int.MaxValue)
            return false;
        Field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                var read = TryReadVarint(out var number);
                Number = number;
                return read;
            case 1 when _rest.Length >= 8:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
                _rest = _rest[8..];
                return true;
            case 2:
                if (!TryReadVarint(out var length) || length > (ulong)_rest.Length)
                    return false;
                Bytes = _rest[..(int)length];
                _rest = _rest[(int)length..];
                return true;
            case 5 when _rest.Length >= 4:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
                _rest = _rest[4..];
                return true;
            default:
                return false;
        }
    }

    private bool TryReadVarint(out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 64 && !_rest.IsEmpty; shift += 7)
        {
            var part = _rest[0];
            _rest = _rest[1..];
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }
        return false;
    }
}
