using System.Numerics.Tensors;

namespace PeftCluster.Steps.Reduction;

/// <summary>Adds two vectors, long ones on several threads. Every element is added by itself, so the bits do not depend on how many threads there are.</summary>
internal static unsafe class VectorSum
{
    // Below this a thread costs more than it saves.
    private const int PartFloats = 1 << 18;

    /// <param name="left">The left child.</param>
    /// <param name="right">The right child, of the same length.</param>
    /// <param name="sum">Where to; may be one of them.</param>
    public static void Add(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> sum)
    {
        if (left.Length != sum.Length || right.Length != sum.Length)
            throw new ArgumentException($"vectors of {left.Length} and {right.Length} floats have no sum of {sum.Length}");
        var parts = Math.Min(Environment.ProcessorCount, sum.Length / PartFloats);
        if (parts < 2)
        {
            TensorPrimitives.Add(left, right, sum);
            return;
        }
        fixed (float* leftStart = left, rightStart = right, sumStart = sum)
        {
            // Addresses as numbers: a closure may hold no pointers. All threads have ended before the memory may move again.
            var (leftAt, rightAt, sumAt, length) = ((nint)leftStart, (nint)rightStart, (nint)sumStart, (long)sum.Length);
            Parallel.For(0, parts, part =>
            {
                var (from, end) = (length * part / parts, length * (part + 1) / parts);
                Span<float> Part(nint start) => new((float*)start + from, (int)(end - from));
                TensorPrimitives.Add(Part(leftAt), Part(rightAt), Part(sumAt));
            });
        }
    }
}
