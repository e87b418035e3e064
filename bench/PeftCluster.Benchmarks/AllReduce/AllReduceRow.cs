namespace PeftCluster.Benchmarks.AllReduce;

/// <summary>One measurement.</summary>
/// <param name="Transport">tcp or uds.</param>
/// <param name="Workers">W.</param>
/// <param name="Floats">V ÷ 4.</param>
/// <param name="Rounds">Of each kind.</param>
/// <param name="StarMs">Median.</param>
/// <param name="RingMs">Median.</param>
/// <param name="StarBytes">That crossed sockets in one round, counted.</param>
/// <param name="RingBytes">The same.</param>
internal sealed record AllReduceRow(string Transport, int Workers, int Floats, int Rounds, double StarMs, double RingMs, long StarBytes, long RingBytes)
{
    public double Ratio => StarMs / RingMs;

    /// <summary>What <see cref="Ratio"/> may be: 1.2 × the ratio of the payloads, and twice that over Unix sockets.</summary>
    public double Bound => 1.2 * Workers / (Workers - 1) * (Transport == "tcp" ? 1 : 2);

    public bool Holds => Ratio <= Bound;
}
