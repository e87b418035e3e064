using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>From a tensor of any number format to floats of a vector.</summary>
public static class Numbers
{
    /// <summary>Writes a tensor's numbers, row after row; 16-bit ones are widened.</summary>
    /// <exception cref="ArgumentException">There is room for another count of numbers.</exception>
    public static void CopyNumbersTo(this Tensor tensor, Span<float> floats)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(floats.Length, tensor.numel(), nameof(floats));
        using var scope = NewDisposeScope();
        MemoryMarshal.Cast<byte, float>(tensor.detach().to(ScalarType.Float32).contiguous().cpu().bytes).CopyTo(floats);
    }
}
