using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// A base's weights, some of them replaced by ones with an adapter folded in. Owns those, and only those. Each is made when it is asked
/// for, so that somebody who takes them one by one never has two.
/// </summary>
public sealed class MergedWeights : IDisposable
{
    private readonly WeightLookup _base;
    private readonly IReadOnlyDictionary<string, Func<Tensor>> _makers;
    private readonly Dictionary<string, Tensor> _made;
    private readonly MergedWeights? _below;

    /// <summary>Weights that are made later. The base's have to stay until then.</summary>
    public MergedWeights(WeightLookup weights, IReadOnlyDictionary<string, Func<Tensor>> makers)
        : this(weights, makers, new Dictionary<string, Tensor>(StringComparer.Ordinal), null)
    {
    }

    internal MergedWeights(WeightLookup weights, Dictionary<string, Tensor> merged)
        : this(weights, new Dictionary<string, Func<Tensor>>(), merged, null)
    {
    }

    /// <summary>Further weights over others, which it takes over.</summary>
    internal MergedWeights(MergedWeights below, Dictionary<string, Tensor> merged)
        : this(name => below[name], new Dictionary<string, Func<Tensor>>(), merged, below)
    {
    }

    private MergedWeights(WeightLookup weights, IReadOnlyDictionary<string, Func<Tensor>> makers, Dictionary<string, Tensor> made, MergedWeights? below) =>
        (_base, _makers, _made, _below) = (weights, makers, made, below);

    /// <summary>Names of the weights that are not the base's.</summary>
    public IReadOnlySet<string> Changed => new HashSet<string>([.. _makers.Keys, .. _made.Keys, .. _below?.Changed ?? new HashSet<string>()], StringComparer.Ordinal);

    /// <summary>The weight to use under a Hugging Face name; it stays here.</summary>
    public Tensor this[string name]
    {
        get
        {
            if (!_made.TryGetValue(name, out var merged))
                return _makers.TryGetValue(name, out var make) ? _made[name] = Make(make) : _base(name);
            return merged;
        }
    }

    /// <summary>One of <see cref="Changed"/>, which is the caller's then and no longer here.</summary>
    internal Tensor Take(string name)
    {
        if (_made.Remove(name, out var made))
            return made;
        return _makers.TryGetValue(name, out var make) ? Make(make) : (_below ?? throw new KeyNotFoundException(name)).Take(name);
    }

    public void Dispose()
    {
        foreach (var weight in _made.Values)
            weight.Dispose();
        _made.Clear();
        _below?.Dispose();
    }

    private static Tensor Make(Func<Tensor> make)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        return make().DetachFromDisposeScope();
    }
}
