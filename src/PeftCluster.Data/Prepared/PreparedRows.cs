namespace PeftCluster.Data.Prepared;

/// <summary>
/// Prepared rows, numbered in the order of the data file, read from mapped shard files without a copy. Lengths and labels of all rows are
/// known from the index; tokens of those rows whose shard is here. Threads may read at once, also while a shard is added that
/// none of them reads; nobody may read while it is disposed.
/// </summary>
public sealed class PreparedRows : ITokenRows, IDisposable
{
    private readonly Lock _adding = new();
    private readonly List<MappedShard> _shards = [];
    private readonly RowLengths _lengths;
    private readonly Place[] _places;
    private bool _disposed;

    /// <summary>Rows without a shard yet.</summary>
    internal PreparedRows(RowLengths lengths)
    {
        _lengths = lengths;
        _places = new Place[lengths.Count];
    }

    private readonly record struct Place(MappedShard? Shard, long Offset, long Spans, RowEntry Entry);

    public int Count => _places.Length;

    /// <inheritdoc/>
    public int Length(int row) => _lengths.Length(row);

    /// <inheritdoc/>
    public int Labels(int row) => _lengths.Labels(row);

    /// <inheritdoc/>
    public int PromptLength(int row) => Labelled(row)[^1].Start;

    /// <inheritdoc/>
    public ReadOnlySpan<LabelSpan> Labelled(int row)
    {
        ref readonly var place = ref PlaceOf(row);
        return place.Shard!.Spans(place.Spans, place.Entry.Spans);
    }

    /// <summary>The data file that the row stands in, by its place in the set's list of files.</summary>
    public int File(int row) => PlaceOf(row).Entry.File;

    /// <summary>The row's line in the data file, from 1.</summary>
    public int Line(int row) => PlaceOf(row).Entry.Line;

    /// <summary>The row's token ids: prompt, completion, token of end. Points into the mapped file.</summary>
    public ReadOnlySpan<int> Tokens(int row)
    {
        ref readonly var place = ref PlaceOf(row);
        return place.Shard!.Tokens(place.Offset, place.Entry.Length);
    }

    /// <summary>The prompt's part of <see cref="Tokens"/>.</summary>
    public ReadOnlySpan<int> Prompt(int row) => Tokens(row)[..PromptLength(row)];

    /// <summary>The last answer, which is what follows the prompt: completion and token of end. What stands behind it (a user's last word) is none of it.</summary>
    public ReadOnlySpan<int> Completion(int row)
    {
        var (start, end) = Labelled(row)[^1];
        return Tokens(row)[start..end];
    }

    public void Dispose()
    {
        lock (_adding)
        {
            _disposed = true;
            _shards.ForEach(shard => shard.Dispose());
        }
    }

    /// <summary>Opens the index and every shard.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or rows are missing or double.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    internal static PreparedRows Open(string index, IEnumerable<string> shards)
    {
        var rows = new PreparedRows(RowLengths.Open(index));
        try
        {
            foreach (var path in shards)
                rows.Add(path);
            return Array.TrueForAll(rows._places, place => place.Shard is not null)
                ? rows
                : throw new InvalidDataException($"the shards do not hold {rows.Count} rows");
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Opens a shard file: its rows can be read from now on.</summary>
    /// <exception cref="InvalidDataException">It is damaged, has rows that are here already, or differs from the index.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal void Add(string path)
    {
        var shard = new MappedShard(path);
        try
        {
            lock (_adding)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                Check(path, shard);
                var (offset, spans) = (0L, 0L);
                foreach (ref readonly var entry in shard.Index)
                {
                    _places[entry.Row] = new Place(shard, offset, spans, entry);
                    offset += entry.Length;
                    spans += entry.Spans;
                }
                _shards.Add(shard);
            }
        }
        catch
        {
            shard.Dispose();
            throw;
        }
    }

    private void Check(string path, MappedShard shard)
    {
        var before = -1;
        foreach (ref readonly var entry in shard.Index)
        {
            // Rows ascend within a shard, so one that is there twice shows here.
            if (entry.Row <= before || entry.Row >= Count || _places[entry.Row].Shard is not null)
                throw new InvalidDataException($"{path}: row {entry.Row} is there twice or is none of {Count}");
            if (entry.Length != Length(entry.Row) || entry.Labels != Labels(entry.Row))
                throw new InvalidDataException($"{path}: row {entry.Row} is not as the index says");
            before = entry.Row;
        }
    }

    private ref readonly Place PlaceOf(int row)
    {
        ref readonly var place = ref _places[row];
        if (place.Shard is null)
            throw new InvalidOperationException($"row {row} of the prepared data is not here: its shard was not fetched before it was used");
        return ref place;
    }
}
