namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// When a worker is late with the item in hand: after a multiple of the median over what the same stage has finished, plus a floor.
/// Before anything has finished nobody is late, so a cluster that is slow as a whole moves nobody.
/// </summary>
public static class Lateness
{
    /// <summary>How long an item may take, or null while nothing has finished.</summary>
    /// <param name="deadlines">Factor and floor.</param>
    /// <param name="times">Milliseconds of finished items, ascending.</param>
    public static TimeSpan? Limit(Deadlines deadlines, IReadOnlyList<double> times) =>
        Median(times) is { } median ? TimeSpan.FromMilliseconds(deadlines.Factor * median) + deadlines.Floor : null;

    /// <summary>The middle one, or the mean of the two middle ones; null for none.</summary>
    public static double? Median(IReadOnlyList<double> ascending) => ascending.Count == 0
        ? null
        : (ascending[(ascending.Count - 1) / 2] + ascending[ascending.Count / 2]) / 2;
}
