using PeftCluster.Steps.Plan;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// A decoder of any family over somebody's weights. Unusual: no parameters of its own and no knowledge of adapters; what one adds comes
/// as <see cref="Attachments"/>. With weights that require gradients the same tree trains a whole model.
/// </summary>
public sealed class Decoder : ICausalModel, ILanguageModel
{
    private readonly DecoderConfig _config;
    private readonly Attachments _attached;
    private readonly ScalarType _flowing;
    private readonly Tensor _embedding_VD;
    private readonly DecoderLayer[] _layers;
    private readonly INorm _norm;
    private readonly PlaceTable _places;

    internal Decoder(DecoderConfig config, WeightLookup frozen, Attachments attached)
    {
        (_config, _attached) = (config, attached);
        var weights = attached.Over(frozen);
        _flowing = attached.Flowing(config, frozen);
        _embedding_VD = weights($"{config.Names.Embedding}.weight");
        Head = attached.Around(new OutputHead(config.TiedHead ? _embedding_VD : weights($"{config.HeadPath}.weight"), config.LogitCap) { Flowing = _flowing });
        var shapes = config.Linears.ToDictionary(shape => shape.Path, StringComparer.Ordinal);
        ILinear Wrapped(string path)
        {
            var shape = shapes[path];
            var plain = new Linear(weights($"{path}.weight"), shape.Bias ? weights($"{path}.bias") : null, shape.Transposed);
            return attached.Around(shape, plain, _flowing);
        }
        _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new DecoderLayer(config, layer, weights, Wrapped, (number, part) => attached.Behind(number, part, _flowing)))];
        _norm = Norms.Of(config, weights, config.Names.LastNorm);
        _places = new PlaceTable(config, weights, Head.Weight_VD.device);
    }

    public ModelConfig Config => _config;

    public OutputHead Head { get; }

    public CausalRows Begin(PromptRows rows, CancellationToken cancellation = default)
    {
        var length = rows.Length ?? PaddedLength.Of(Enumerable.Range(0, rows.Count).Max(row => rows.Tokens(row).Length));
        return new CausalRows(this, rows.Count, rows.Tokens, row => Math.Max(rows.PromptLength(row), 1), length) { Spans = rows.Labelled, Packing = rows.Packing };
    }

    public Tensor Hidden(Tensor ids_BT, KeyValueCache? cache = null, IReadOnlyList<int>? lengths = null, IReadOnlyList<PackedPlace>? packing = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        return HiddenOfAll(ids_BT, cache, lengths, packing, cancellation).narrow(1, _attached.VirtualTokens?.Count ?? 0, ids_BT.shape[1]).MoveToOuterDisposeScope();
    }

    public Tensor Extend(Tensor ids_BT, KeyValueCache cache, IReadOnlyList<long> places, IReadOnlyList<int>? lengths = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        long[] moved = [.. places.Select(place => place + _attached.PlacesBefore)];
        var step = cache.Advance(moved, ids_BT.shape[1]);
        using var sight = step.Sight;
        var at = _places.At(moved, ids_BT.shape[1], [.. moved.Select((place, row) => place + (lengths?[row] ?? ids_BT.shape[1]))]);
        return Run(at.AddTo(Embed(ids_BT)), new Surroundings(at.Rotary, sight, cache, step, null), cancellation).MoveToOuterDisposeScope();
    }

    public int? MostTokens => _config.Names.Places is null ? null : _config.ContextLength - _attached.PlacesBefore;

    public bool LengthMatters(int start, int length) =>
        _config.Rope is { } rope && rope.KindOf(_attached.PlacesBefore + start) != rope.KindOf(_attached.PlacesBefore + length);

    public bool StartsAnew(int length) =>
        _config.Rope is { ReadsAnew: true } rope && rope.KindOf(_attached.PlacesBefore + length - 1) != rope.KindOf(_attached.PlacesBefore + length);

    public KeyValueCache NewCache(int rows, int capacity) => _config.NewCache(rows, capacity + _attached.Room, _flowing);

    public Tensor Logits(Tensor hidden) => Head.Logits(hidden);

    /// <summary><see cref="Hidden"/> with the virtual tokens, which come first: [B, P + T, D].</summary>
    internal Tensor HiddenOfAll(Tensor ids_BT, KeyValueCache? cache, IReadOnlyList<int>? lengths, IReadOnlyList<PackedPlace>? packing, CancellationToken cancellation)
    {
        if (packing is not null && (_attached.VirtualTokens is not null || cache is not null))
            throw new NotSupportedException("packed rows have neither virtual tokens nor a cache");
        using var scope = NewDisposeScope();
        var x_BTD = Embed(ids_BT);
        var virtualTokens = _attached.VirtualTokens?.Count ?? 0;
        if (_attached.VirtualTokens is not null)
            x_BTD = Filled(_attached.BehindVirtualTokens(x_BTD), virtualTokens);
        var (before, length) = (_attached.Prefix?.Count ?? 0, x_BTD.shape[1]);
        cache?.Begin(before + length);
        using var sight = packing is null ? Sight.OfRows(length, before) : Sight.OfPacked(packing, before);
        var places = packing is null ? PlacesOf(ids_BT, lengths, before, length) : _places.Packed(packing, before, (ids_BT.shape[0], length));
        var hidden_BTD = Run(places.AddTo(x_BTD), new Surroundings(places.Rotary, sight, cache, null, _attached.PrefixAs(_flowing)), cancellation);
        return hidden_BTD.narrow(1, 0, ids_BT.shape[1] + virtualTokens).MoveToOuterDisposeScope();
    }

    private Places PlacesOf(Tensor ids_BT, IReadOnlyList<int>? lengths, long before, long length) =>
        _places.From(before, length, [.. Enumerable.Range(0, (int)ids_BT.shape[0]).Select(row => _attached.PlacesBefore + (lengths?[row] ?? ids_BT.shape[1]))]);

    // Behind the row stand as many zeros as the virtual tokens need to fill a multiple: lengths keep being those of PaddedRows.
    private static Tensor Filled(Tensor x_BTD, int virtualTokens) =>
        cat([x_BTD, zeros(x_BTD.shape[0], PaddedLength.Of(virtualTokens) - virtualTokens, x_BTD.shape[2], x_BTD.dtype, x_BTD.device)], 1);

    private Tensor Embed(Tensor ids_BT)
    {
        var x_BTD = _attached.Embed(_embedding_VD, ids_BT, _flowing);
        if (_config.EmbeddingScale is not { } scale)
            return x_BTD;
        // Transformers rounds the scale to what flows.
        return _flowing == ScalarType.Float32 ? x_BTD.Times(scale) : x_BTD * tensor(scale, _flowing, x_BTD.device);
    }

    private Tensor Run(Tensor x_BTD, Surroundings surroundings, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var stack = new LayerStack(_layers.Length, surroundings.Tensors, (layer, x, tensors) => _layers[layer].Forward(x, surroundings.With(tensors))) { Made = surroundings.Sight };
        return _norm.Forward(_attached.Through(stack, x_BTD, cancellation)).MoveToOuterDisposeScope();
    }
}
