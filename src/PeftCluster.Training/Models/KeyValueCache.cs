using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Keys and values of the tokens that a generation has seen, layer by layer. It belongs to one generation, never to a model.
/// Rows of unlike length lie in it padded on the right: a new token's keys are written over the padding at its own place,
/// and it sees only the places up to itself. Lives in the dispose scope it was made in, unless it is kept.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly int _rows;
    private readonly int _capacity;
    private long _used;

    internal KeyValueCache(int layers, int rows, int keyHeads, int capacity, int headSize, ScalarType format)
    {
        (_rows, _capacity) = (rows, capacity);
        Tensor[] Room() => [.. Enumerable.Range(0, layers).Select(_ => zeros(rows, keyHeads, capacity, headSize, format))];
        (_keys, _values) = (Room(), Room());
    }

    /// <summary>Places that hold keys, of the longest row.</summary>
    internal long Used => _used;

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
            tensor.Dispose();
    }

    internal void Begin(long length)
    {
        if (_used != 0)
            throw new InvalidOperationException("the cache is not empty: a prompt must come first");
        Use(length);
    }

    /// <summary>Makes room for <paramref name="count"/> tokens of each row.</summary>
    /// <param name="places">The place of each row's first.</param>
    /// <param name="count">T</param>
    internal CacheStep Advance(IReadOnlyList<long> places, long count)
    {
        if (places.Count != _rows)
            throw new ArgumentException($"{places.Count} places for {_rows} rows", nameof(places));
        Use(Math.Max(_used, places.Max() + count));
        var place_BT = tensor(places.SelectMany(place => Enumerable.Range(0, (int)count).Select(token => place + token)).ToArray()).view(_rows, count);
        return new CacheStep(place_BT, Sight.OfPlaces(place_BT, _used));
    }

    /// <summary>Each row begins as the one row of another cache does.</summary>
    /// <param name="beginnings">A cache of one row for each row.</param>
    internal void Begin(IReadOnlyList<KeyValueCache> beginnings)
    {
        Begin(beginnings.Max(one => one._used));
        using var scope = NewDisposeScope();
        for (var row = 0; row < _rows; row++)
        {
            var one = beginnings[row];
            for (var layer = 0; layer < _keys.Length; layer++)
            {
                _keys[layer].narrow(0, row, 1).narrow(2, 0, one._used).copy_(one.Keys(layer));
                _values[layer].narrow(0, row, 1).narrow(2, 0, one._used).copy_(one.Values(layer));
            }
        }
    }

    /// <summary>The cache outlives the dispose scope that it was made in.</summary>
    internal KeyValueCache Kept()
    {
        foreach (var tensor in _keys.Concat(_values))
            tensor.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Row i becomes what row from[i] is.</summary>
    internal void Reorder(IReadOnlyList<int> from)
    {
        using var scope = NewDisposeScope();
        var index = tensor(from.Select(row => (long)row).ToArray());
        foreach (var room in _keys.Concat(_values))
        {
            var used = room.narrow(2, 0, _used);
            used.copy_(used.index_select(0, index));
        }
    }

    internal void Write(int layer, Tensor key_BKTN, Tensor value_BKTN, CacheStep? step)
    {
        Put(_keys[layer], key_BKTN, step);
        Put(_values[layer], value_BKTN, step);
    }

    internal Tensor Keys(int layer) => _keys[layer].narrow(2, 0, _used);

    internal Tensor Values(int layer) => _values[layer].narrow(2, 0, _used);

    private static void Put(Tensor room_BKCN, Tensor new_BKTN, CacheStep? step)
    {
        if (step is null)
        {
            room_BKCN.narrow(2, 0, new_BKTN.shape[2]).copy_(new_BKTN);
            return;
        }
        var index = step.Place_BT.unsqueeze(1).unsqueeze(3).expand(new_BKTN.shape);
        room_BKCN.scatter_(2, index, new_BKTN);
    }

    private void Use(long length)
    {
        if (length > _capacity)
            throw new ArgumentException($"{length} tokens do not fit a cache of {_capacity}", nameof(length));
        _used = length;
    }
}

/// <summary>Further tokens of each row: where they go, and which keys they see. The one who asked for it disposes the sight.</summary>
internal sealed record CacheStep(Tensor Place_BT, Sight Sight);
