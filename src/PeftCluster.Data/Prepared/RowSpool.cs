using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// Rows in the order of the data file, in a temporary file: how they go to shards is known only when all were counted.
/// Memory holds 28 bytes for each row.
/// </summary>
internal sealed class RowSpool : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly List<(RowEntry Entry, long Offset)> _rows = [];
    private long _end;

    public RowSpool(string path) =>
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);

    public int Count => _rows.Count;

    public RowEntry this[int row] => _rows[row].Entry;

    public void Add(int line, ReadOnlySpan<int> tokens, int promptLength)
    {
        _rows.Add((new RowEntry(_rows.Count, line, tokens.Length, promptLength, RowEntry.LabelsOf(tokens.Length, promptLength)), _end));
        RandomAccess.Write(_file, MemoryMarshal.AsBytes(tokens), _end);
        _end += tokens.Length * sizeof(int);
    }

    /// <summary>The row's tokens, read into the front of <paramref name="buffer"/>, which grows as needed.</summary>
    public ReadOnlySpan<int> Tokens(int row, ref int[] buffer)
    {
        var (entry, offset) = _rows[row];
        if (buffer.Length < entry.Length)
            buffer = new int[entry.Length * 2];
        var tokens = buffer.AsSpan(0, entry.Length);
        for (var bytes = MemoryMarshal.AsBytes(tokens); bytes.Length > 0;)
        {
            var read = RandomAccess.Read(_file, bytes, offset);
            if (read == 0)
                throw new EndOfStreamException("The temporary file of prepared rows was cut while in use.");
            bytes = bytes[read..];
            offset += read;
        }
        return tokens;
    }

    public SetReport Report(int skipped, int truncated) => new(
        Count, skipped, truncated,
        _rows.Sum(row => (long)row.Entry.Length), _rows.Sum(row => (long)row.Entry.Labels), _rows.Max(row => row.Entry.Length));

    public void Dispose() => _file.Dispose();
}
