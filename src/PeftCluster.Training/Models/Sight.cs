using PeftCluster.Steps.Plan;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Which keys each query sees: those up to its own place, and where a layer has a window of W the latest W of them. A mask is made
/// when a layer first asks for it, and all layers of a call share it; once disposed, it makes them again. B rows, T queries, S keys.
/// </summary>
internal sealed class Sight : IDisposable
{
    private readonly Dictionary<int, Tensor> _masks = [];
    private readonly Tensor? _place_BT;
    private readonly long _keys;
    private readonly long _before;

    private Sight(Tensor? place_BT, long keys, long before, IReadOnlyList<PackedSight>? packed = null) =>
        (_place_BT, _keys, _before, Packed) = (place_BT, keys, before, packed);

    /// <summary>What each of several sequences in a row sees; null: a row is one.</summary>
    public IReadOnlyList<PackedSight>? Packed { get; }

    /// <summary>Rows from their start: query i is place P + i, and all see the P learnt keys before them.</summary>
    public static Sight OfRows(long length, long before) => new(null, before + length, before);

    /// <summary>Sequences that share rows: each sees itself, and the P learnt keys before it. Those of one length share their masks.</summary>
    public static Sight OfPacked(IReadOnlyList<PackedPlace> packing, long before)
    {
        var ofLength = packing.Select(place => place.Length).Distinct().ToDictionary(length => length, length => OfRows(length, before));
        return new Sight(null, 0, before, [.. packing.Select(place => new PackedSight(place, ofLength[place.Length]))]);
    }

    /// <summary>Queries at places of their own in each row, against a cache.</summary>
    public static Sight OfPlaces(Tensor place_BT, long keys) => new(place_BT, keys, 0);

    /// <summary>Whether no mask is needed: whole rows with nothing before them, and no window that ends before they do.</summary>
    public bool IsPlainlyCausal(int? window) => _place_BT is null && _before == 0 && !(window < _keys);

    /// <summary>True where a query sees a key: [B, 1, T, S], or [1, 1, T, S] where all rows see the same.</summary>
    public Tensor Mask(int? window)
    {
        var width = window < _keys ? window.Value : 0;
        if (!_masks.TryGetValue(width, out var mask))
            _masks[width] = mask = Make(width).DetachFromDisposeScope();
        return mask;
    }

    public void Dispose()
    {
        foreach (var mask in _masks.Values)
            mask.Dispose();
        _masks.Clear();
        foreach (var one in Packed ?? [])
            one.Sight.Dispose();
    }

    private Tensor Make(int width)
    {
        using var scope = NewDisposeScope();
        var key_S = Arithmetic.Range(0, _keys);
        var place_B1T1 = _place_BT is null ? key_S.narrow(0, _before, _keys - _before).view(1, 1, -1, 1) : _place_BT.unsqueeze(1).unsqueeze(3);
        var seen = key_S.le(place_B1T1);
        if (width > 0)
            seen = seen.logical_and(key_S.gt(place_B1T1.Minus(width)));
        return seen.MoveToOuterDisposeScope();
    }
}

/// <summary>A sequence in a packed row, and what it sees.</summary>
internal sealed record PackedSight(PackedPlace Place, Sight Sight);
