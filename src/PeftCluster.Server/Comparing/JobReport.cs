namespace PeftCluster.Server.Comparing;

/// <summary>What one job of a comparison gave.</summary>
/// <param name="Name">The arm, or "prompting".</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Results">One for a trained arm, one for each prompt; none where it failed.</param>
/// <param name="IsNew">Whether it ran now; else it was done already.</param>
public sealed record JobReport(string Name, int Seed, IReadOnlyList<ArmResult> Results, bool IsNew)
{
    /// <summary>Why the run failed; null: it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>The how-manieth job it is, from 1.</summary>
    public int Number { get; init; }

    /// <summary>How many jobs there are.</summary>
    public int Jobs { get; init; }
}
