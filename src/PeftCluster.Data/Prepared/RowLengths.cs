using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// The index of a prepared set: all that a plan needs, in a file of its own, so that whoever plans needs no tokens. A header of 64 bytes
/// (magic, version, rows, variants), then length and labels of each row as two int32, in the order of the data file; where rows have choices, then the tokens of
/// each row's wrong ones as int32. Variants is 0 where they have none. Little-endian.
/// </summary>
public sealed class RowLengths : IRowIndex
{
    /// <summary>"PEFTINDX" as the bytes of a little-endian number.</summary>
    private const long Magic = 0x58444E4954464550;
    private const int Version = 1;
    private const int HeaderBytes = 64;

    private readonly Row[] _rows;
    private readonly int[] _wrong;

    private RowLengths(Row[] rows, int[] wrong, int variants) => (_rows, _wrong, HasChoices, Variants) = (rows, wrong, variants > 0, Math.Max(1, variants));

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly record struct Header(long Magic, int Version, int Rows, int Variants)
    {
        public int WithChoices => Variants > 0 ? Rows : 0;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly record struct Row(int Length, int Labels);

    public int Count => _rows.Length;

    /// <inheritdoc/>
    public int Length(int row) => _rows[row].Length;

    /// <inheritdoc/>
    public int Labels(int row) => _rows[row].Labels;

    /// <inheritdoc/>
    public bool HasChoices { get; }

    /// <inheritdoc/>
    public int WrongLabels(int row) => HasChoices ? _wrong[row] : 0;

    /// <inheritdoc/>
    public int Variants { get; }

    /// <summary>Reads a file whose hash somebody has checked.</summary>
    /// <exception cref="InvalidDataException">It is no index of this version, is cut, or says what cannot be.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RowLengths Open(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[HeaderBytes];
        if (file.ReadAtLeast(head, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
            throw new InvalidDataException($"{path} is cut short");
        var header = MemoryMarshal.Read<Header>(head);
        if (header.Magic != Magic || header.Version != Version)
            throw new InvalidDataException($"{path} is not an index of this version");
        if (header is { Rows: < 0 } or { Variants: < 0 } || file.Length != HeaderBytes + (long)header.Rows * Marshal.SizeOf<Row>() + (long)header.WithChoices * sizeof(int))
            throw new InvalidDataException($"{path} has another length than its header says");
        var rows = new Row[header.Rows];
        file.ReadExactly(MemoryMarshal.AsBytes(rows.AsSpan()));
        var wrong = new int[header.WithChoices];
        file.ReadExactly(MemoryMarshal.AsBytes(wrong.AsSpan()));
        var examples = header.Variants == 0 || header.Rows % header.Variants == 0;
        return examples && Array.TrueForAll(rows, row => row.Length > 0 && row.Labels > 0 && row.Labels <= row.Length) && Array.TrueForAll(wrong, labels => labels > 0)
            ? new RowLengths(rows, wrong, header.Variants)
            : throw new InvalidDataException($"{path} has rows that make no sense");
    }

    /// <summary>Writes a new file, down to the disk.</summary>
    /// <returns>SHA-256 of the file, 64 hex digits.</returns>
    internal static string Write(string path, RowSpool spool)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> header = stackalloc byte[HeaderBytes];
        header.Clear();
        MemoryMarshal.Write(header, new Header(Magic, Version, spool.Count, spool.HasChoices ? spool.Variants : 0));
        Append(header);
        for (var row = 0; row < spool.Count; row++)
            Append(MemoryMarshal.AsBytes<Row>([new Row(spool.PlannedLength(row), spool[row].Labels)]));
        for (var row = 0; spool.HasChoices && row < spool.Count; row++)
            Append(MemoryMarshal.AsBytes<int>([spool.Choices(row).WrongLabels]));
        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes)
        {
            file.Write(bytes);
            hash.AppendData(bytes);
        }
    }
}
