using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>How much of the journal is kept. Commit records are kept for ever; this is about their summed gradients.</summary>
public sealed record JournalSpec
{
    /// <summary>Which summed gradients stay.</summary>
    public JournalKeep Keep { get; init; } = JournalKeep.Snapshots;

    /// <summary>
    /// Above so many megabytes (10⁶ bytes) of one gradient none is written: recovery computes the steps since the snapshot again. 0: never write one.
    /// </summary>
    [In("[0, 4096]")]
    public int MaxVector { get; init; } = 64;
}

public enum JournalKeep
{
    /// <summary>Gradients since the older of the two snapshots.</summary>
    Snapshots,

    /// <summary>Every gradient: the run can be taken back to any step.</summary>
    All,
}
