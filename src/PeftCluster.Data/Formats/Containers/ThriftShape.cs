namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// Walks a struct of Thrift's compact protocol, which Parquet describes itself with: counts, lengths and kinds of fields, and keeps its whole numbers. Parquet.Net
/// 6.1 believes all of them as they stand; with damaged ones it looks for more for ever (10 of 28,000 damaged files). Source: thrift-compact-protocol.md.
/// </summary>
internal ref struct ThriftShape
{
    private const int DeepestNesting = 32;
    private const int Fields = 16;
    private const int BooleanTrue = 1, BooleanFalse = 2, Byte = 3, Int16 = 4, Int32 = 5, Int64 = 6, Double = 7, Binary = 8, List = 9, Set = 10, Map = 11, Struct = 12;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly Dictionary<(int Struct, int Field), long> _numbers = [];
    private int _at;

    private ThriftShape(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Whether bytes are one struct and nothing else.</summary>
    public static bool IsStruct(ReadOnlySpan<byte> bytes, string layout) => LengthOf(bytes, layout, out _) == bytes.Length;

    /// <summary>How long the struct is that bytes start with; 0: they start with none that is whole.</summary>
    /// <param name="bytes">The struct, and what follows it.</param>
    /// <param name="layout">Its name in <see cref="ParquetLayout"/>.</param>
    /// <param name="numbers">Its whole numbers by field, and those of the structs in it by their field and their own; 0 stands for the struct itself.</param>
    public static int LengthOf(ReadOnlySpan<byte> bytes, string layout, out IReadOnlyDictionary<(int Struct, int Field), long> numbers)
    {
        var shape = new ThriftShape(bytes);
        numbers = shape._numbers;
        return shape.PassStruct(0, 0, layout) ? shape._at : 0;
    }

    private bool PassStruct(int depth, int of, string layout)
    {
        var field = 0L;
        while (depth < DeepestNesting && _at < _bytes.Length)
        {
            var header = _bytes[_at++];
            if (header == 0)
                return true;
            // A field's number follows where its distance from the last one does not fit.
            if (header >> 4 == 0 && !Signed(out field))
                return false;
            field += header >> 4;
            var (type, kind) = (header & 15, ParquetLayout.Of(layout, field));
            if (!Fits(type, kind))
                return false;
            if (type is Int16 or Int32 or Int64)
            {
                if (!Signed(out var number))
                    return false;
                if (depth < 2 && field is > 0 and < Fields)
                    _numbers[(of, (int)field)] = number;
            }
            else if (type is not (BooleanTrue or BooleanFalse) && !Pass(type, kind, depth + 1, depth == 0 && field is > 0 and < Fields ? (int)field : Fields))
                return false;
        }
        return false;
    }

    private static bool Fits(int type, string kind) => kind switch
    {
        "" => true,
        "i" => type is Int16 or Int32 or Int64,
        "y" => type == Byte,
        "d" => type == Double,
        "b" => type is BooleanTrue or BooleanFalse,
        "s" => type == Binary,
        "-" or "!" => false,
        ['[', ..] => type == List,
        _ => type == Struct,
    };

    private bool Pass(int type, string kind, int depth, int of = Fields) => type switch
    {
        BooleanTrue or BooleanFalse or Byte => PassBytes(1),
        Int16 or Int32 or Int64 => Number(out _),
        Double => PassBytes(8),
        Binary => Number(out var length) && PassBytes(length),
        List or Set => PassList(kind.Trim('[', ']'), depth),
        Map => PassMap(depth),
        Struct => PassStruct(depth, of, kind),
        _ => false,
    };

    private bool PassList(string kind, int depth)
    {
        if (depth >= DeepestNesting || _at >= _bytes.Length)
            return false;
        var header = _bytes[_at++];
        var count = (ulong)(header >> 4);
        return (count < 15 || Number(out count)) && (count == 0 || Fits(header & 15, kind)) && PassAll(count, header & 15, null, kind, depth);
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
        return PassAll(count, types >> 4, types & 15, "", depth);
    }

    /// <summary>Every element takes a byte at least, so a count that is too large ends with the bytes.</summary>
    private bool PassAll(ulong count, int type, int? second, string kind, int depth)
    {
        for (; count > 0; count--)
        {
            if (!Pass(type, kind, depth + 1) || (second is { } other && !Pass(other, kind, depth + 1)))
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

    /// <summary>A number whose sign is its lowest bit.</summary>
    private bool Signed(out long value)
    {
        var whole = Number(out var folded);
        value = (long)(folded >> 1) ^ -(long)(folded & 1);
        return whole;
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
