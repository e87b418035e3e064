namespace PeftCluster.Benchmarks.Runs;

/// <summary>What a step costs besides its gradients, and how long a step takes in which a worker dies.</summary>
/// <param name="Workers">Worker processes.</param>
/// <param name="Floats">Floats of the vector.</param>
/// <param name="GradientMs">How long a gradient takes.</param>
/// <param name="Steps">Measured steps.</param>
/// <param name="StepMs">Median from commit to commit.</param>
/// <param name="MeanStepMs">The mean of the same.</param>
/// <param name="ComputingMs">Median over the steps of what the slowest worker's gradient really took.</param>
/// <param name="RecoveriesMs">From each worker's death to the commit of the step in hand.</param>
internal sealed record OverheadRow(
    int Workers, int Floats, int GradientMs, int Steps, double StepMs, double MeanStepMs, double ComputingMs, IReadOnlyList<double> RecoveriesMs)
{
    private const double RecoveryMs = 1_000;

    /// <summary>All that is no gradient, in parts of the gradient.</summary>
    public double Overhead => StepMs / GradientMs - 1;

    public double OverheadBound { get; } = 0.03;

    public double LongestRecoveryMs => RecoveriesMs.DefaultIfEmpty(0).Max();

    /// <summary>A second, and the dead worker's gradient computed again.</summary>
    public double RecoveryBoundMs => RecoveryMs + GradientMs;

    public bool Holds => Overhead <= OverheadBound && LongestRecoveryMs < RecoveryBoundMs;
}
