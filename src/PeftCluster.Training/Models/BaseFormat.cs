using PeftCluster.Jobs.Spec;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>The number formats that a base's weights have in memory, known before one is read: from the files' headers, where they decide.</summary>
internal sealed class BaseFormat
{
    private readonly Func<string, ScalarType> _of;

    private BaseFormat(ModelConfig config, Func<string, ScalarType> of)
    {
        _of = of;
        Bytes = config.Weights.Sum(weight => weight.Value.Aggregate((long)Formats.Width(of(weight.Key)), (product, size) => product * size));
    }

    /// <summary>Bytes of all weights.</summary>
    public long Bytes { get; }

    /// <summary>The format of a weight.</summary>
    public ScalarType this[string weight] => _of(weight);

    /// <summary>All weights in one format.</summary>
    public static BaseFormat Of(ModelConfig config, ScalarType format) => new(config, _ => format);

    /// <summary>The weights of a folder; those that it lacks will be made, in float32.</summary>
    /// <exception cref="Jobs.BadInputException">A file's header lies.</exception>
    public static BaseFormat Of(ModelConfig config, string folder, BaseDtype dtype)
    {
        if (dtype != BaseDtype.Stored)
            return Of(config, Formats.InMemory(dtype, ScalarType.Float32));
        var files = WeightFiles.AreIn(folder) ? WeightFiles.Open(folder) : null;
        return new BaseFormat(config, name => files?.TypeOf(name) is { } type && Formats.Of(type) is { } format ? format : ScalarType.Float32);
    }
}
