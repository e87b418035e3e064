namespace PeftCluster.Server.Chaos;

/// <summary>What a matrix of faults is run with.</summary>
/// <param name="Seed">Draws what the rows leave open: which messages, how late, in which order.</param>
/// <param name="Job">What is trained.</param>
/// <param name="Time">The clock.</param>
public sealed record ChaosSettings(long Seed, IChaosJob Job, TimeProvider Time)
{
    /// <summary>Milliseconds that the made-up arithmetic takes for a micro-batch: so that a step lasts long enough to be hit.</summary>
    public double Pace { get; init; } = 20;

    /// <summary>Rows at a time. Rows spend most of their time waiting, but those about speed want the machine for themselves.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>Where the rows' folders are made; a temporary one when it is not given.</summary>
    public string? Folder { get; init; }

    /// <summary>A PostgreSQL server for the rows that need one; null: they are unavailable.</summary>
    public string? Database { get; init; }

    /// <summary>Leave the rows' folders where they are.</summary>
    public bool KeepsFolders { get; init; }
}
