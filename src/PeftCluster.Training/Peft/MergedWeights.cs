using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>A base's weights, some of them replaced by ones with an adapter folded in. Owns those, and only those.</summary>
public sealed class MergedWeights : IDisposable
{
    private readonly WeightLookup _base;
    private readonly Dictionary<string, Tensor> _merged;

    private readonly MergedWeights? _below;

    internal MergedWeights(WeightLookup weights, Dictionary<string, Tensor> merged) => (_base, _merged) = (weights, merged);

    /// <summary>Further weights over others, which it takes over.</summary>
    internal MergedWeights(MergedWeights below, Dictionary<string, Tensor> merged)
        : this(name => below[name], merged) => _below = below;

    /// <summary>The weight to use under a Hugging Face name.</summary>
    public Tensor this[string name] => _merged.TryGetValue(name, out var merged) ? merged : _base(name);

    public void Dispose()
    {
        foreach (var weight in _merged.Values)
            weight.Dispose();
        _merged.Clear();
        _below?.Dispose();
    }
}
