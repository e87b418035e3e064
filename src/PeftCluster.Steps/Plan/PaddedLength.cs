namespace PeftCluster.Steps.Plan;

/// <summary>
/// Lengths are rounded up to a multiple of 16, so that few shapes occur and products get sizes whose bits do not depend on threads.
/// </summary>
public static class PaddedLength
{
    public const int Multiple = 16;

    /// <summary>The common length of rows: the longest, rounded up.</summary>
    public static int Of(int longest) => (longest + Multiple - 1) / Multiple * Multiple;
}
