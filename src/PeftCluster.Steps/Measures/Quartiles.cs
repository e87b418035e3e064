namespace PeftCluster.Steps.Measures;

/// <summary>
/// The median of a few numbers and how far they spread: what the templates of a task, or several seeds, give. Between two of the sorted numbers
/// the value lies on a straight line, as numpy.percentile has it by default (method "linear"; Hyndman and Fan 1996, definition 7).
/// </summary>
/// <param name="Lower">A quarter of the numbers lie below.</param>
/// <param name="Median">Half of them.</param>
/// <param name="Upper">Three quarters.</param>
public readonly record struct Quartiles(double Lower, double Median, double Upper)
{
    /// <summary>The interquartile range.</summary>
    public double Range => Upper - Lower;

    /// <summary>Quartiles of numbers in any order.</summary>
    /// <exception cref="ArgumentException">There are none, or one is not finite.</exception>
    public static Quartiles Of(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        if (sorted.Length == 0 || !sorted.All(double.IsFinite))
            throw new ArgumentException("quartiles need at least one number, and all of them finite", nameof(numbers));
        return new Quartiles(At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75));
    }

    // The place of a share among n numbers is share · (n − 1).
    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var (left, right, way) = (sorted[below], sorted[Math.Min(below + 1, sorted.Length - 1)], place - below);
        // From the nearer end, as numpy goes: so the value at a number is that number, and rounding is numpy's.
        return way < 0.5 ? left + (right - left) * way : right - (right - left) * (1 - way);
    }
}
