using System.Runtime.InteropServices;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PeftCluster.Examples.Make.Pretraining;

/// <summary>All weights of a model as parameters, under their Hugging Face names. Norms start at 1, all else is normal.</summary>
public sealed class TrainableWeights
{
    private const double UsualSpread = 0.02;

    private readonly SortedDictionary<string, Parameter> _parameters = new(StringComparer.Ordinal);

    /// <param name="config">The model.</param>
    /// <param name="seed">What they are drawn from.</param>
    /// <param name="spread">σ of a matrix by its name; null: 0.02 for all.</param>
    public TrainableWeights(ModelConfig config, long seed, Func<string, double>? spread = null)
    {
        var random = new PhiloxStream(seed, "initial weights");
        foreach (var (name, shape) in config.Weights.OrderBy(weight => weight.Key, StringComparer.Ordinal))
        {
            var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
            if (shape.Count == 1)
                Array.Fill(values, 1f);
            else
                Fill(values, random, spread?.Invoke(name) ?? UsualSpread);
            _parameters[name] = nn.Parameter(tensor(values, [.. shape]));
        }
    }

    public Tensor this[string name] => _parameters[name];

    public IEnumerable<Parameter> All => _parameters.Values;

    /// <summary>Writes model.safetensors.</summary>
    public void Write(string folder)
    {
        using var file = File.Create(Path.Combine(folder, "model.safetensors"));
        SafetensorsWriter.Write(file, _parameters.Select(weight =>
            SafetensorsTensor.Of(weight.Key, weight.Value.shape, MemoryMarshal.Cast<byte, float>(weight.Value.bytes).ToArray())));
    }

    private static void Fill(Span<float> values, PhiloxStream random, double spread)
    {
        foreach (ref var value in values)
            value = (float)(spread * random.NextGaussian());
    }
}
