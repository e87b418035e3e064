namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// Whether bytes are one whole struct of Thrift's compact protocol: what a Parquet file's end has to be. Parquet.Net 6.1 believes lengths and
/// counts as they stand; with a damaged end it looks for more for ever (found by 22,000 damaged files: 8). Source: thrift-compact-protocol.md.
/// </summary>
internal ref struct ThriftShape
{
    private const int DeepestNesting = 32;
    private const int BooleanTrue = 1, BooleanFalse = 2, Byte = 3, Int16 = 4, Int32 = 5, Int64 = 6, Double = 7, Binary = 8, List = 9, Set = 10, Map = 11, Struct = 12;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    private ThriftShape(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public static bool IsStruct(ReadOnlySpan<byte> bytes)
    {
        var shape = new ThriftShape(bytes);
        return shape.PassStruct(0) && shape._at == bytes.Length;
    }

    private bool PassStruct(int depth)
    {
        while (depth < DeepestNesting && _at < _bytes.Length)
        {
            var header = _bytes[_at++];
            if (header == 0)
                return true;
            // A field's number follows where its distance from the last one does not fit.
            if (header >> 4 == 0 && !Number(out _))
                return false;
            var type = header & 15;
            if (type is not (BooleanTrue or BooleanFalse) && !Pass(type, depth + 1))
                return false;
        }
        return false;
    }

    private bool Pass(int type, int depth) => type switch
    {
        BooleanTrue or BooleanFalse or Byte => PassBytes(1),
        Int16 or Int32 or Int64 => Number(out _),
        Double => PassBytes(8),
        Binary => Number(out var length) && PassBytes(length),
        List or Set => PassList(depth),
        Map => PassMap(depth),
        Struct => PassStruct(depth),
        _ => false,
    };

    private bool PassList(int depth)
    {
        if (depth >= DeepestNesting || _at >= _bytes.Length)
            return false;
        var header = _bytes[_at++];
        var count = (ulong)(header >> 4);
        return (count < 15 || Number(out count)) && PassAll(count, header & 15, null, depth);
    }

    private bool PassMap(int depth)
    {
        if (depth >= DeepestNesting || !Number(out var count))
            return false;
        if (count == 0)
            return true;
        if (_at >= _bytes.Length)
            return false;
        var types = _bytes[_at++];
        return PassAll(count, types >> 4, types & 15, depth);
    }

    /// <summary>Every element takes a byte at least, so a count that is too large ends with the bytes.</summary>
    private bool PassAll(ulong count, int type, int? second, int depth)
    {
        for (; count > 0; count--)
        {
            if (!Pass(type, depth + 1) || (second is { } other && !Pass(other, depth + 1)))
                return false;
        }
        return true;
    }

    private bool PassBytes(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
            return false;
        _at += (int)count;
        return true;
    }

    private bool Number(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && _at < _bytes.Length; shift += 7)
        {
            var part = _bytes[_at++];
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
                return true;
        }
        return false;
    }
}
