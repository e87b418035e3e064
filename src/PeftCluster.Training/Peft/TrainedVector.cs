using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PeftCluster.Steps.Layout;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// The adapter's vector and its gradient as two flat tensors; every trained tensor and its .grad is a view of them, so one copy moves
/// all. Backward adds into the views in place. Belongs to one module tree.
/// </summary>
public sealed class TrainedVector : IDisposable
{
    private readonly Tensor _values;
    private readonly Tensor _gradient;
    private readonly Dictionary<string, (Tensor Leaf, Tensor Gradient)> _leaves = new(StringComparer.Ordinal);

    /// <summary>Zeros. Call it on the device's thread.</summary>
    /// <param name="layout">What is trained.</param>
    /// <param name="frozen">What the adapter computes with besides; taken over. Null: nothing.</param>
    public TrainedVector(VectorLayout layout, FrozenPart? frozen = null)
    {
        (Layout, Frozen) = (layout, frozen ?? new FrozenPart(VectorLayout.Of([]), []));
        _values = zeros(layout.Length).DetachFromDisposeScope();
        _gradient = zeros(layout.Length).DetachFromDisposeScope();
        foreach (var slice in layout.Slices)
        {
            using var scope = NewDisposeScope();
            long[] shape = [.. slice.Shape];
            var leaf = _values.narrow(0, slice.Offset, slice.Length).view(shape).detach().requires_grad_();
            var gradient = _gradient.narrow(0, slice.Offset, slice.Length).view(shape);
            leaf.grad = gradient;
            _leaves[slice.Key] = (leaf.DetachFromDisposeScope(), gradient.DetachFromDisposeScope());
        }
        CheckViews();
    }

    public VectorLayout Layout { get; }

    /// <summary>What belongs to the adapter and is not trained.</summary>
    public FrozenPart Frozen { get; }

    /// <summary>A trained tensor by its key.</summary>
    public Tensor this[string key] => _leaves[key].Leaf;

    /// <summary>Takes over a version of the adapter.</summary>
    public void Load(ReadOnlySpan<float> adapter)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(adapter.Length, Layout.Length);
        adapter.CopyTo(Floats(_values));
    }

    /// <summary>Forgets the gradient of the step before.</summary>
    public void ClearGradient() => Floats(_gradient).Clear();

    /// <summary>Writes the gradient; padding is zero.</summary>
    public void CopyGradient(Span<float> gradient) => Floats(_gradient).CopyTo(gradient);

    public void Dispose()
    {
        foreach (var (leaf, gradient) in _leaves.Values)
        {
            leaf.Dispose();
            gradient.Dispose();
        }
        _values.Dispose();
        _gradient.Dispose();
        Frozen.Dispose();
    }

    /// <summary>Asserts that parameters and gradients still are views of the two vectors: some torch calls replace .grad without a word.</summary>
    internal unsafe void CheckViews()
    {
        // A tensor of no numbers, as of a layer that has lost all its ranks, lies nowhere.
        foreach (var slice in Layout.Slices.Where(slice => slice.Length > 0))
        {
            using var scope = NewDisposeScope();
            var (leaf, _) = _leaves[slice.Key];
            if (leaf.grad is not { } gradient || Start(gradient) != Start(_gradient) + slice.Offset || Start(leaf) != Start(_values) + slice.Offset)
                throw new UnreachableException($"{slice.Key} is no view of the adapter's vector any more");
        }
    }

    private static unsafe float* Start(Tensor tensor) => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Floats(tensor)));

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
