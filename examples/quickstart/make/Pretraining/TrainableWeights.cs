using System.Runtime.InteropServices;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PeftCluster.Quickstart.Make.Pretraining;

/// <summary>All weights of a model as parameters, under their Hugging Face names. Norms start at 1, all else normal with σ = 0.02.</summary>
internal sealed class TrainableWeights
{
    private readonly SortedDictionary<string, Parameter> _parameters = new(StringComparer.Ordinal);

    public TrainableWeights(ModelConfig config, long seed)
    {
        var random = new PhiloxStream(seed, "initial weights");
        foreach (var (name, shape) in config.Weights.OrderBy(weight => weight.Key, StringComparer.Ordinal))
        {
            var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
            if (shape.Count == 1)
                Array.Fill(values, 1f);
            else
                Fill(values, random);
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

    private static void Fill(Span<float> values, PhiloxStream random)
    {
        foreach (ref var value in values)
            value = (float)(0.02 * random.NextGaussian());
    }
}
