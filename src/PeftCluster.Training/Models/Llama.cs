using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// The llama decoder over somebody's weights. Unusual: no parameters of its own and no knowledge of adapters; linear layers come
/// through a wrapper. With weights that require gradients the same tree trains a whole model.
/// </summary>
public sealed class Llama : ICausalModel
{
    private readonly Tensor _embedding_VD;
    private readonly LlamaLayer[] _layers;
    private readonly RmsNorm _norm;
    private readonly RotaryTable _rotary;

    internal Llama(LlamaConfig config, WeightLookup weights, LinearWrapper? wrap)
    {
        Config = config;
        _embedding_VD = weights("model.embed_tokens.weight");
        Head = config.TiedHead ? _embedding_VD : weights($"{config.HeadPath}.weight");
        var shapes = config.Linears.ToDictionary(shape => shape.Path, StringComparer.Ordinal);
        ILinear Wrapped(string path)
        {
            var plain = new Linear(weights($"{path}.weight"));
            return wrap is null ? plain : wrap(shapes[path], plain);
        }
        _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new LlamaLayer(config, layer, weights, Wrapped))];
        _norm = new RmsNorm(weights("model.norm.weight"), config.NormEpsilon);
        _rotary = new RotaryTable(config.HeadSize, config.RopeTheta, Head.device);
    }

    public ModelConfig Config { get; }

    public Tensor Head { get; }

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

    public Tensor Logits(Tensor hidden) => nn.functional.linear(hidden, Head);

    private Tensor Run(Tensor ids_BT, Rotary rotary, KeyValueCache? cache, CacheStep? step, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var x_BTD = _embedding_VD.index_select(0, ids_BT.reshape(-1)).view(ids_BT.shape[0], ids_BT.shape[1], -1);
        foreach (var layer in _layers)
        {
            cancellation.ThrowIfCancellationRequested();
            x_BTD = layer.Forward(x_BTD, rotary, cache, step);
        }
        return _norm.Forward(x_BTD).MoveToOuterDisposeScope();
    }
}
