using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// Rows in the order of the data file, in a temporary file: how they go to shards is known only when all were counted.
/// Memory holds 32 bytes for each row, and 12 more of one with choices. Either all rows have choices or none has.
/// </summary>
internal sealed class RowSpool : IDisposable
{
    private readonly SafeFileHandle _file;
    private RowTable<(RowEntry Entry, long Offset)> _rows = new();
    private RowTable<ChoiceEntry> _choices = new();
    private long _end;

    public RowSpool(string path) =>
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);

    public int Count => _rows.Count;

    public RowEntry this[int row] => _rows[row].Entry;

    /// <summary>Whether the rows have choices.</summary>
    public bool HasChoices => _choices.Count > 0;

    /// <summary>How many neighbouring rows are one example.</summary>
    public int Variants { get; init; } = 1;

    public ChoiceEntry Choices(int row) => _choices[row];

    /// <summary>Tokens of the row that a model sees at once.</summary>
    public int PlannedLength(int row) => HasChoices ? _choices[row].Planned : _rows[row].Entry.Length;

    /// <summary>Adds the next row.</summary>
    /// <param name="file">The data file's place in the set's list.</param>
    /// <param name="line">The line in that file, from 1.</param>
    /// <param name="tokens">The row's tokens.</param>
    /// <param name="spans">Which of them carry labels.</param>
    /// <param name="right">Which span is the right choice; null: they are no choices.</param>
    public void Add(int file, int line, ReadOnlySpan<int> tokens, ReadOnlySpan<LabelSpan> spans, int? right = null)
    {
        var learnt = right is { } number ? spans.Slice(number, 1) : spans;
        if (right is { } choice)
            _choices.Add(ChoiceEntry.Of(spans, choice));
        _rows.Add((new RowEntry(_rows.Count, file, line, tokens.Length, LabelSpan.Labels(learnt), spans.Length), _end));
        Append(MemoryMarshal.AsBytes(spans));
        Append(MemoryMarshal.AsBytes(tokens));
    }

    /// <summary>The row's spans, read into the front of <paramref name="buffer"/>, which grows as needed.</summary>
    public ReadOnlySpan<LabelSpan> Spans(int row, ref LabelSpan[] buffer)
    {
        var (entry, offset) = _rows[row];
        return Read(offset, entry.Spans, ref buffer);
    }

    /// <summary>The row's tokens, read into the front of <paramref name="buffer"/>, which grows as needed.</summary>
    public ReadOnlySpan<int> Tokens(int row, ref int[] buffer)
    {
        var (entry, offset) = _rows[row];
        return Read(offset + (long)entry.Spans * Marshal.SizeOf<LabelSpan>(), entry.Length, ref buffer);
    }

    /// <summary>Keeps these rows, in this order, and numbers them anew; one that is named twice is there twice. Their tokens stay where they are.</summary>
    public void Choose(IReadOnlyList<int> rows)
    {
        var (chosen, choices) = (new RowTable<(RowEntry Entry, long Offset)>(), new RowTable<ChoiceEntry>());
        foreach (var row in rows)
        {
            chosen.Add((_rows[row].Entry with { Row = chosen.Count }, _rows[row].Offset));
            if (HasChoices)
                choices.Add(_choices[row]);
        }
        (_rows, _choices) = (chosen, choices);
    }

    /// <summary>All rows of these examples.</summary>
    public IReadOnlyList<int> RowsOf(IEnumerable<int> examples) => [.. examples.SelectMany(example => Enumerable.Range(example * Variants, Variants))];

    /// <summary>Gives each row another right choice.</summary>
    public void Relabel(Func<int, int> rightOf)
    {
        var (rows, choices) = (new RowTable<(RowEntry Entry, long Offset)>(), new RowTable<ChoiceEntry>());
        var buffer = Array.Empty<LabelSpan>();
        for (var row = 0; row < Count; row++)
        {
            var right = rightOf(row);
            var spans = Spans(row, ref buffer);
            choices.Add(ChoiceEntry.Of(spans, right));
            rows.Add((_rows[row].Entry with { Labels = LabelSpan.Labels(spans.Slice(right, 1)) }, _rows[row].Offset));
        }
        (_rows, _choices) = (rows, choices);
    }

    public SetReport Report(int skipped, int truncated) => new(
        Count, skipped, truncated,
        _rows.Sum(row => (long)row.Entry.Length), _rows.Sum(row => (long)row.Entry.Labels), Enumerable.Range(0, Count).Max(PlannedLength));

    public void Dispose() => _file.Dispose();

    private void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file, bytes, _end);
        _end += bytes.Length;
    }

    private ReadOnlySpan<T> Read<T>(long offset, int count, ref T[] buffer)
        where T : unmanaged
    {
        if (buffer.Length < count)
            buffer = new T[count * 2];
        var read = buffer.AsSpan(0, count);
        for (var bytes = MemoryMarshal.AsBytes(read); bytes.Length > 0;)
        {
            var some = RandomAccess.Read(_file, bytes, offset);
            if (some == 0)
                throw new EndOfStreamException("The temporary file of prepared rows was cut while in use.");
            bytes = bytes[some..];
            offset += some;
        }
        return read;
    }
}
