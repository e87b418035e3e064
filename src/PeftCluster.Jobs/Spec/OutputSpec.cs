namespace PeftCluster.Jobs.Spec;

/// <summary>Where the result goes and how much of the journal is kept.</summary>
public sealed record OutputSpec
{
    /// <summary>The run's folder. One run at a time owns it. Default: runs/NAME.</summary>
    public required string Folder { get; init; }

    /// <summary>Which summed gradients stay in the journal.</summary>
    public JournalKeep JournalKeep { get; init; } = JournalKeep.Snapshots;
}

public enum JournalKeep
{
    /// <summary>Gradients since the older of the two snapshots; records are kept for ever.</summary>
    Snapshots,

    /// <summary>Every gradient: the run can be taken back to any step.</summary>
    All,
}
