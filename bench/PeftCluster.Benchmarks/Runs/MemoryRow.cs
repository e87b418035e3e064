namespace PeftCluster.Benchmarks.Runs;

/// <summary>The most memory that a coordinator's process ever had in a run of long vectors.</summary>
/// <param name="Workers">Worker processes.</param>
/// <param name="Floats">Floats of the vector.</param>
/// <param name="Steps">Steps of the run.</param>
/// <param name="PeakMb">VmHWM of its process, in MB (10⁶ bytes).</param>
internal sealed record PeakRow(int Workers, int Floats, int Steps, double PeakMb)
{
    private const int VectorsBesides = 6;
    private const double ProcessMb = 150;

    /// <summary>A vector for each worker and six besides, and what a process without vectors takes.</summary>
    public double BoundMb => (Workers + VectorsBesides) * (Floats * sizeof(float) / 1e6) + ProcessMb;

    public bool Holds => PeakMb <= BoundMb;
}

/// <summary>How the resident memory of one process changes over many steps.</summary>
/// <param name="Process">Coordinator or worker.</param>
/// <param name="FromStep">The first step that counts: what comes before is the process's start.</param>
/// <param name="ToStep">The last one.</param>
/// <param name="FirstMb">Mean of the first tenth of the samples.</param>
/// <param name="LastMb">Mean of the last tenth.</param>
/// <param name="LowestMb">The lowest sample.</param>
/// <param name="HighestMb">The highest one.</param>
internal sealed record GrowthRow(string Process, int FromStep, int ToStep, double FirstMb, double LastMb, double LowestMb, double HighestMb)
{
    public double GrowthMb => LastMb - FirstMb;

    /// <summary>
    /// The youngest generation of the garbage collector comes and goes by megabytes; a leak of one kilobyte a step, less than one message, would be 9 MB over 9,000 steps.
    /// </summary>
    public double BoundMb { get; } = 8;

    public bool Holds => GrowthMb <= BoundMb;
}
