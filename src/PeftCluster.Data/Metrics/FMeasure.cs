namespace PeftCluster.Data.Metrics;

/// <summary>The harmonic mean of precision and recall, in the order of operations that the Python scripts have, so that the last bit is theirs.</summary>
internal static class FMeasure
{
    /// <param name="shared">What both have.</param>
    /// <param name="given">What the answer has; more than 0.</param>
    /// <param name="due">What is expected; more than 0.</param>
    /// <returns>2 · precision · recall ÷ (precision + recall), 0 where nothing is shared.</returns>
    public static double Of(int shared, int given, int due)
    {
        var (precision, recall) = ((double)shared / given, (double)shared / due);
        return shared == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
}
