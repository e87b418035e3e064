using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Safetensors;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// The number formats that meet in a model: a base's weights may have 16 bits, what is trained has 32, and what flows between the layers has one
/// format everywhere. Whoever takes a weight widens what differs here, and nobody else asks for formats.
/// </summary>
internal static class Formats
{
    /// <summary>
    /// What flows through a model: bfloat16 where a linear layer's weight is that and the processor multiplies it; else float32. So a base in float16 takes
    /// half the memory and gives the numbers of the same base in float32: widening is exact.
    /// </summary>
    /// <param name="config">The model.</param>
    /// <param name="formatOf">A weight's format, trained ones included.</param>
    /// <param name="multipliesBfloat16">Whether products of bfloat16 are fast here.</param>
    public static ScalarType Flowing(ModelConfig config, Func<string, ScalarType> formatOf, bool multipliesBfloat16) =>
        multipliesBfloat16 && config.Linears.Any(linear => formatOf($"{linear.Path}.weight") == ScalarType.BFloat16) ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>torch's word for a format of safetensors files; null where it is none that weights have.</summary>
    public static ScalarType? Of(SafetensorsType type) => type switch
    {
        SafetensorsType.F32 => ScalarType.Float32,
        SafetensorsType.BF16 => ScalarType.BFloat16,
        SafetensorsType.F16 => ScalarType.Float16,
        _ => null,
    };

    /// <summary>What a weight has in memory.</summary>
    /// <param name="dtype">What is asked for.</param>
    /// <param name="stored">What the file has.</param>
    public static ScalarType InMemory(BaseDtype dtype, ScalarType stored) => dtype switch
    {
        BaseDtype.Float32 => ScalarType.Float32,
        BaseDtype.Bfloat16 => ScalarType.BFloat16,
        BaseDtype.Float16 => ScalarType.Float16,
        _ => stored,
    };

    /// <summary>Bytes of a number.</summary>
    public static int Width(ScalarType format) => format == ScalarType.Float32 ? 4 : 2;

    /// <summary>What numbers of two formats are computed in together: the one that both have, or float32.</summary>
    public static ScalarType Common(ScalarType first, ScalarType second) => first == second ? first : ScalarType.Float32;
}
