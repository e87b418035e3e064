using System.Runtime.InteropServices;
using PeftCluster.Steps.Layout;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>What an adapter computes with and nobody trains, as tensors without gradients. Belongs to one module tree.</summary>
public sealed class FrozenPart : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>Copies the values. Call it on the device's thread.</summary>
    /// <param name="layout">Names and shapes.</param>
    /// <param name="values">layout.Length floats.</param>
    public FrozenPart(VectorLayout layout, ReadOnlySpan<float> values)
    {
        foreach (var slice in layout.Slices)
        {
            var copy = empty([.. slice.Shape]);
            values.Slice(slice.Offset, slice.Length).CopyTo(MemoryMarshal.Cast<byte, float>(copy.bytes));
            _tensors[slice.Key] = copy.DetachFromDisposeScope();
        }
    }

    public Tensor this[string key] => _tensors[key];

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }
}
