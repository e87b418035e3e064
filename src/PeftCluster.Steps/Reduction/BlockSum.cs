using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PeftCluster.Steps.Layout;

namespace PeftCluster.Steps.Reduction;

/// <summary>
/// Sums over a vector in one fixed order, in double: blocks of 65,536 elements that restart at every slice, padding left
/// out; in a block eight accumulators, element j to accumulator j mod 8, combined pairwise; blocks combined in order.
/// The loop is our own because library norms and dot products give other bits on other instruction sets; vector
/// instructions are used only where each element goes the way that is written above.
/// </summary>
public static class BlockSum
{
    /// <summary>Elements of a block.</summary>
    public const int BlockLength = 65_536;

    private const int Accumulators = 8;

    /// <summary>Σ x² over all slices.</summary>
    /// <param name="layout">Says where slices begin and end.</param>
    /// <param name="vector"><c>layout.Length</c> floats.</param>
    public static double SumOfSquares(VectorLayout layout, ReadOnlySpan<float> vector)
    {
        if (vector.Length != layout.Length)
            throw new ArgumentException($"the layout has {layout.Length} floats, not {vector.Length}", nameof(vector));
        var sum = 0.0;
        foreach (var slice in layout.Slices)
            foreach (var block in Blocks(slice.Length))
                sum += SquaresOfBlock(vector.Slice(slice.Offset, slice.Length)[block]);
        return sum;
    }

    /// <summary>Σ x of one run of elements.</summary>
    public static double Sum(ReadOnlySpan<float> elements)
    {
        var sum = 0.0;
        foreach (var block in Blocks(elements.Length))
            sum += SumOfBlock(elements[block]);
        return sum;
    }

    /// <summary>√(Σ x² ÷ n) of one run of elements.</summary>
    public static double RootMeanSquare(ReadOnlySpan<float> elements)
    {
        var sum = 0.0;
        foreach (var block in Blocks(elements.Length))
            sum += SquaresOfBlock(elements[block]);
        return Math.Sqrt(sum / elements.Length);
    }

    /// <summary>√Σ x²: the gradient's norm before clipping; not finite where an element is not.</summary>
    public static double Norm(VectorLayout layout, ReadOnlySpan<float> vector) => Math.Sqrt(SumOfSquares(layout, vector));

    private static IEnumerable<Range> Blocks(int length)
    {
        for (var start = 0; start < length; start += BlockLength)
            yield return start..Math.Min(length, start + BlockLength);
    }

    private static double SumOfBlock(ReadOnlySpan<float> block)
    {
        Span<double> sums = stackalloc double[Accumulators];
        for (var j = 0; j < block.Length; j++)
            sums[j % Accumulators] += block[j];
        return Combined(sums);
    }

    private static double Combined(ReadOnlySpan<double> sums) =>
        ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));

    private static double SquaresOfBlock(ReadOnlySpan<float> block)
    {
        Span<double> sums = stackalloc double[Accumulators];
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        foreach (var eight in MemoryMarshal.Cast<float, Vector256<float>>(block))
        {
            // A square of a float is exact in double, so a fused multiply-add would not differ either.
            var (lower, upper) = Vector256.Widen(eight);
            low += lower * lower;
            high += upper * upper;
        }
        low.CopyTo(sums);
        high.CopyTo(sums[4..]);
        for (var j = block.Length / Accumulators * Accumulators; j < block.Length; j++)
            sums[j % Accumulators] += (double)block[j] * block[j];
        return Combined(sums);
    }
}
