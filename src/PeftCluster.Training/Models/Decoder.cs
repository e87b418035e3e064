using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// A decoder of any family over somebody's weights. Unusual: no parameters of its own and no knowledge of adapters; linear layers come
/// through a wrapper. With weights that require gradients the same tree trains a whole model.
/// </summary>
public sealed class Decoder : ICausalModel
{
    private readonly DecoderConfig _config;
    private readonly Tensor _embedding_VD;
    private readonly DecoderLayer[] _layers;
    private readonly RmsNorm _norm;
    private readonly RotaryTable _rotary;

    internal Decoder(DecoderConfig config, WeightLookup weights, LinearWrapper? wrap)
    {
        _config = config;
        _embedding_VD = weights($"{config.Names.Embedding}.weight");
        Head = new OutputHead(config.TiedHead ? _embedding_VD : weights($"{config.HeadPath}.weight"), config.LogitCap);
        var shapes = config.Linears.ToDictionary(shape => shape.Path, StringComparer.Ordinal);
        ILinear Wrapped(string path)
        {
            var plain = new Linear(weights($"{path}.weight"), shapes[path].Bias ? weights($"{path}.bias") : null);
            return wrap is null ? plain : wrap(shapes[path], plain);
        }
        _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new DecoderLayer(config, layer, weights, Wrapped))];
        _norm = new RmsNorm(weights($"{config.Names.LastNorm}.weight"), config.NormEpsilon, config.NormOffset);
        _rotary = new RotaryTable(config.Rope, Head.Weight_VD.device);
    }

    public ModelConfig Config => _config;

    public OutputHead Head { get; }

    public Tensor Hidden(Tensor ids_BT, KeyValueCache? cache = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        cache?.Begin(ids_BT.shape[1]);
        return Run(ids_BT, _rotary.First(ids_BT.shape[1]), cache, null, cancellation).MoveToOuterDisposeScope();
    }

    public Tensor Extend(Tensor ids_B1, KeyValueCache cache, IReadOnlyList<long> places)
    {
        using var scope = NewDisposeScope();
        var step = cache.Advance(places);
        return Run(ids_B1, _rotary.At(places), cache, step, default).MoveToOuterDisposeScope();
    }

    public Tensor Logits(Tensor hidden) => Head.Logits(hidden);

    private Tensor Run(Tensor ids_BT, Rotary rotary, KeyValueCache? cache, CacheStep? step, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var sight = step?.Sight ?? Sight.OfRows(ids_BT.shape[1]);
        var x_BTD = _embedding_VD.index_select(0, ids_BT.reshape(-1)).view(ids_BT.shape[0], ids_BT.shape[1], -1);
        if (_config.EmbeddingScale is { } scale)
            x_BTD *= scale;
        foreach (var layer in _layers)
        {
            cancellation.ThrowIfCancellationRequested();
            x_BTD = layer.Forward(x_BTD, rotary, sight, cache, step);
        }
        return _norm.Forward(x_BTD).MoveToOuterDisposeScope();
    }
}
