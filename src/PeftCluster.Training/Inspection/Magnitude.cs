namespace PeftCluster.Training.Inspection;

/// <summary>How large some numbers are, summed in double precision.</summary>
/// <param name="Norm">√Σx²; NaN where a number is not finite.</param>
/// <param name="Largest">The largest |x|.</param>
/// <param name="NotFinite">How many are NaN or infinite.</param>
internal readonly record struct Magnitude(double Norm, double Largest, long NotFinite)
{
    public static Magnitude Of(ReadOnlySpan<float> numbers)
    {
        var (squares, largest, notFinite) = (0.0, 0.0, 0L);
        foreach (double number in numbers)
        {
            squares += number * number;
            largest = Math.Max(largest, Math.Abs(number)); // NaN stays
            notFinite += double.IsFinite(number) ? 0 : 1;
        }
        return new Magnitude(notFinite > 0 ? double.NaN : Math.Sqrt(squares), largest, notFinite);
    }
}

/// <summary>How far some numbers are from others of the same shape.</summary>
/// <param name="Largest">The largest |x − y|.</param>
/// <param name="Relative">‖x − y‖ by the larger of ‖x‖ and ‖y‖; 0 where both are.</param>
/// <param name="Cosine">x · y ÷ (‖x‖ ‖y‖); NaN where one of them is 0.</param>
internal readonly record struct Distance(double Largest, double Relative, double Cosine)
{
    public static Distance Between(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(second.Length, first.Length);
        var (left, right, product, apart, largest) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var index = 0; index < first.Length; index++)
        {
            double x = first[index], y = second[index];
            // Infinity less itself is no number, and the two are equal all the same.
            var difference = x == y ? 0 : x - y;
            left += x * x;
            right += y * y;
            product += x * y;
            apart += difference * difference;
            largest = Math.Max(largest, Math.Abs(difference));
        }
        var most = Math.Sqrt(Math.Max(left, right));
        return new Distance(largest, apart == 0 ? 0 : Math.Sqrt(apart) / most, Math.Clamp(product / Math.Sqrt(left) / Math.Sqrt(right), -1, 1));
    }
}
