namespace PeftCluster.Cluster.Coordinator;

/// <summary>What a run waits for (docs/protocol.md, Phases of a run).</summary>
public enum RunPhase
{
    /// <summary>Workers to answer.</summary>
    Gathering,

    /// <summary>Adapter and optimizer state of an earlier attempt.</summary>
    Restoring,

    /// <summary>Version 0.</summary>
    Initialising,

    /// <summary>Measurements of the base model.</summary>
    MeasuringBase,

    /// <summary>An older record, or the first snapshot, to be on disk, before the next version may be announced.</summary>
    Holding,

    /// <summary>A measurement of the version in hand, during training.</summary>
    MeasuringVersion,

    /// <summary>The best version's file.</summary>
    KeepingBest,

    /// <summary>Leaves.</summary>
    Computing,

    /// <summary>The norm of the sum.</summary>
    Checking,

    /// <summary>The next version.</summary>
    Updating,

    /// <summary>A measurement of the last version.</summary>
    MeasuringAdapter,

    /// <summary>Decisions that no step follows to be on disk.</summary>
    Closing,

    /// <summary>The adapter's files.</summary>
    Exporting,

    /// <summary>The last snapshot and record.</summary>
    Saving,

    /// <summary>Workers to close their sources.</summary>
    Releasing,

    /// <summary>Nothing.</summary>
    Ended,
}
