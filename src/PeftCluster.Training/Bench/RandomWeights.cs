using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Bench;

/// <summary>Weights of a model that was never trained: normal with deviation 0.02, norms one; seeded, in memory only.</summary>
internal sealed class RandomWeights : IDisposable
{
    private const double Deviation = 0.02;

    private readonly Dictionary<string, Tensor> _weights = new(StringComparer.Ordinal);

    public RandomWeights(ModelConfig config, ulong seed, ScalarType type = ScalarType.Float32)
    {
        using var generator = new Generator(seed);
        foreach (var (name, shape) in config.Weights)
        {
            var weight = empty([.. shape]);
            if (shape.Count == 1)
                weight.Fill_(1);
            else
                weight.normal_(0, Deviation, generator);
            _weights[name] = weight.to(type).DetachFromDisposeScope();
            if (type != ScalarType.Float32)
                weight.Dispose();
        }
    }

    public Tensor this[string name] => _weights[name];

    public void Dispose()
    {
        foreach (var weight in _weights.Values)
            weight.Dispose();
    }
}
