using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Cli.Rendering;

/// <summary>Where a run stands, as its events tell: pure, so that every display is tested without a run or a clock.</summary>
internal sealed record RunProgress
{
    /// <summary>Losses of the last steps, oldest first; as many as the sparkline shows.</summary>
    public const int KeptSteps = 24;

    public int Done { get; private init; }

    public int Total { get; private init; }

    public StepCommitted? Last { get; private init; }

    public IReadOnlyList<double> Losses { get; private init; } = [];

    /// <summary>Of the same steps.</summary>
    private IReadOnlyList<(int Tokens, double Seconds)> Speeds { get; init; } = [];

    /// <summary>The measurement under way, or null.</summary>
    public EvaluationProgress? Evaluating { get; private init; }

    /// <summary>Tokens a second over the last steps.</summary>
    public double TokensPerSecond => Speeds.Sum(speed => speed.Tokens) / Math.Max(Speeds.Sum(speed => speed.Seconds), 1e-9);

    /// <summary>Time to the last step at the speed of the last steps; what is measured afterwards is not in it.</summary>
    public TimeSpan? Remaining => Speeds.Count == 0
        ? null
        : TimeSpan.FromSeconds(Math.Min(Speeds.Average(speed => speed.Seconds) * (Total - Done), 1e9));

    public RunProgress After(RunEvent happened) => happened switch
    {
        RunStarted started => this with { Done = started.FirstStep, Total = started.TotalSteps },
        StepCommitted step => this with
        {
            Done = step.Step + 1,
            Total = step.TotalSteps,
            Last = step,
            Evaluating = null,
            Losses = [.. Losses.Append(step.Loss).TakeLast(KeptSteps)],
            Speeds = [.. Speeds.Append((step.Tokens, step.Seconds)).TakeLast(KeptSteps)],
        },
        EvaluationProgress progress => this with { Evaluating = progress },
        EvaluationDone => this with { Evaluating = null },
        _ => this,
    };
}
