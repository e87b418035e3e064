namespace PeftCluster.Data.Prepared;

/// <summary>
/// Prepared rows, numbered in the order of the data file, read from mapped shard files without a copy. Lengths and labels of all rows are
/// known from the index; tokens of those rows whose shard is here. Threads may read at once, also while a shard is added that
/// none of them reads; nobody may read while it is disposed.
/// </summary>
public sealed class PreparedRows : ITokenRows, IDisposable
{
    private readonly Lock _adding = new();
    private readonly RowLengths _lengths;
    private readonly Place[] _places;
    private MappedShard[] _shards = [];
    private bool _disposed;

    /// <summary>Rows without a shard yet.</summary>
    internal PreparedRows(RowLengths lengths)
    {
        _lengths = lengths;
        _places = new Place[lengths.Count];
    }

    /// <summary>Where a row lies: 24 bytes for each, since memory holds them all. What else is to be known of it stands in the shard.</summary>
    /// <param name="Shard">The number of its shard in the order of adding, plus one; 0: it is not here.</param>
    /// <param name="Entry">Its place in the shard's index.</param>
    /// <param name="Offset">Tokens of the shard before its own.</param>
    /// <param name="Spans">Spans of the shard before its own.</param>
    private readonly record struct Place(int Shard, int Entry, long Offset, long Spans);

    public int Count => _places.Length;

    /// <inheritdoc/>
    public int Length(int row) => _lengths.Length(row);

    /// <inheritdoc/>
    public int Labels(int row) => _lengths.Labels(row);

    /// <inheritdoc/>
    public bool HasChoices => _lengths.HasChoices;

    /// <inheritdoc/>
    public int WrongLabels(int row) => _lengths.WrongLabels(row);

    /// <inheritdoc/>
    public int Variants => _lengths.Variants;

    /// <inheritdoc/>
    public int PromptLength(int row) => (HasChoices ? Labelled(row)[0] : Labelled(row)[^1]).Start;

    /// <inheritdoc/>
    public int? RightChoice(int row) => HasChoices ? RightOf(PlaceOf(row)) : null;

    /// <inheritdoc/>
    public ReadOnlySpan<LabelSpan> Labelled(int row)
    {
        ref readonly var place = ref PlaceOf(row);
        return ShardOf(place).Spans(place.Spans, EntryOf(place).Spans);
    }

    /// <summary>The data file that the row stands in, by its place in the set's list of files.</summary>
    public int File(int row) => EntryOf(PlaceOf(row)).File;

    /// <summary>The row's line in the data file, from 1.</summary>
    public int Line(int row) => EntryOf(PlaceOf(row)).Line;

    /// <summary>The row's token ids: prompt, completion, token of end; of a row with choices, prompt and every choice. Points into the mapped file.</summary>
    public ReadOnlySpan<int> Tokens(int row)
    {
        ref readonly var place = ref PlaceOf(row);
        return ShardOf(place).Tokens(place.Offset, EntryOf(place).Length);
    }

    public void Dispose()
    {
        lock (_adding)
        {
            _disposed = true;
            Array.ForEach(_shards, shard => shard.Dispose());
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
            return Array.TrueForAll(rows._places, place => place.Shard > 0)
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
                // Before its rows: who reads one finds it.
                _shards = [.. _shards, shard];
                var (number, offset, spans) = (0, 0L, 0L);
                foreach (ref readonly var entry in shard.Index)
                {
                    _places[entry.Row] = new Place(_shards.Length, number++, offset, spans);
                    offset += entry.Length;
                    spans += entry.Spans;
                }
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
        if (shard.Index.Length > 0 && shard.Right.IsEmpty == HasChoices)
            throw new InvalidDataException($"{path}: rows {(HasChoices ? "have no choices" : "have choices")}, and the index says otherwise");
        var (before, number, spans) = (-1, 0, 0L);
        foreach (ref readonly var entry in shard.Index)
        {
            // Rows ascend within a shard, so one that is there twice shows here.
            if (entry.Row <= before || entry.Row >= Count || _places[entry.Row].Shard > 0)
                throw new InvalidDataException($"{path}: row {entry.Row} is there twice or is none of {Count}");
            var (length, wrong) = (entry.Length, 0);
            if (HasChoices)
                (_, length, wrong) = ChoiceEntry.Of(shard.Spans(spans, entry.Spans), shard.Right[number++]);
            if (length != Length(entry.Row) || entry.Labels != Labels(entry.Row) || wrong != WrongLabels(entry.Row))
                throw new InvalidDataException($"{path}: row {entry.Row} is not as the index says");
            spans += entry.Spans;
            before = entry.Row;
        }
    }

    private MappedShard ShardOf(Place place) => _shards[place.Shard - 1];

    private int RightOf(Place place) => ShardOf(place).Right[place.Entry];

    private ref readonly RowEntry EntryOf(Place place) => ref ShardOf(place).Index[place.Entry];

    private ref readonly Place PlaceOf(int row)
    {
        ref readonly var place = ref _places[row];
        if (place.Shard == 0)
            throw new InvalidOperationException($"row {row} of the prepared data is not here: its shard was not fetched before it was used");
        return ref place;
    }
}
