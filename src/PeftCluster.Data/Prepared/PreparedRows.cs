namespace PeftCluster.Data.Prepared;

/// <summary>
/// Prepared rows, numbered in the order of the data file, read from mapped shard files without a copy. Threads may
/// read at once; nobody may read while it is disposed.
/// </summary>
public sealed class PreparedRows : ITokenRows, IDisposable
{
    private readonly IReadOnlyList<MappedShard> _shards;
    private readonly Place[] _places;

    private PreparedRows(IReadOnlyList<MappedShard> shards, Place[] places)
    {
        _shards = shards;
        _places = places;
    }

    private readonly record struct Place(MappedShard Shard, long Offset, RowEntry Entry);

    public int Count => _places.Length;

    /// <inheritdoc/>
    public int Length(int row) => _places[row].Entry.Length;

    /// <inheritdoc/>
    public int Labels(int row) => _places[row].Entry.Labels;

    /// <summary>Tokens of the prompt, the token of begin included; labels start after it.</summary>
    public int PromptLength(int row) => _places[row].Entry.PromptLength;

    /// <summary>The row's line in the data file, from 1.</summary>
    public int Line(int row) => _places[row].Entry.Line;

    /// <summary>The row's token ids: prompt, completion, token of end. Points into the mapped file.</summary>
    public ReadOnlySpan<int> Tokens(int row)
    {
        ref readonly var place = ref _places[row];
        return place.Shard.Tokens(place.Offset, place.Entry.Length);
    }

    /// <summary>The prompt's part of <see cref="Tokens"/>.</summary>
    public ReadOnlySpan<int> Prompt(int row) => Tokens(row)[..PromptLength(row)];

    /// <summary>What follows the prompt: completion and token of end.</summary>
    public ReadOnlySpan<int> Completion(int row) => Tokens(row)[PromptLength(row)..];

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }

    /// <exception cref="InvalidDataException">A file is damaged, or rows are missing or double.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    internal static PreparedRows Open(IEnumerable<string> paths, int count)
    {
        var shards = new List<MappedShard>();
        try
        {
            foreach (var path in paths)
                shards.Add(new MappedShard(path));
            return new PreparedRows(shards, Locate(shards, count));
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    private static Place[] Locate(List<MappedShard> shards, int count)
    {
        if (shards.Sum(shard => (long)shard.Index.Length) != count)
            throw new InvalidDataException($"the shards do not hold {count} rows");
        var places = new Place[count];
        foreach (var shard in shards)
        {
            var offset = 0L;
            foreach (ref readonly var entry in shard.Index)
            {
                if (entry.Row >= count || places[entry.Row].Shard is not null)
                    throw new InvalidDataException($"row {entry.Row} is there twice or is none of {count}");
                places[entry.Row] = new Place(shard, offset, entry);
                offset += entry.Length;
            }
        }
        return places;
    }
}
