using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>What happens to a run. The recorded inputs with their times replay it. Workers go by their device's name.</summary>
public abstract record RunInput
{
    /// <summary>The run begins with the workers that it was made with.</summary>
    public sealed record Began : RunInput;

    /// <summary>A worker is there.</summary>
    public sealed record WorkerCame(string Worker) : RunInput;

    /// <summary>A worker's source is open.</summary>
    public sealed record WorkerReady(string Worker, string LayoutHash, string NumericClass) : RunInput;

    /// <summary>A worker cannot run this job: by the user's mistake, or its own.</summary>
    public sealed record WorkerRefused(string Worker, string Reason, bool IsBadInput) : RunInput;

    /// <summary>A worker is gone, or goes.</summary>
    public sealed record WorkerLost(string Worker, string Cause) : RunInput;

    /// <summary>What a worker was asked could not be done.</summary>
    public sealed record WorkerFailed(string Worker, int Step, WorkerTask Task, int Number, string Cause) : RunInput;

    /// <summary>The earlier attempt is read: its version and what it had decided; null where it left nothing to start from.</summary>
    public sealed record Restored(int? Version, IReadOnlyList<RunDecision> Decisions) : RunInput;

    /// <summary>Version 0 is here.</summary>
    public sealed record VersionZeroCame(string Worker) : RunInput;

    /// <summary>A worker has computed a leaf.</summary>
    public sealed record LeafCame(string Worker, int Step, int Shard, LeafReport Report) : RunInput;

    /// <summary>A worker has handed a subtree's sum over.</summary>
    public sealed record NodeCame(string Worker, int Step, TreeNode Node, IReadOnlyList<UInt128> LeafHashes) : RunInput;

    /// <summary>The subtree's vector is added, or was in already.</summary>
    public sealed record NodeAdded(string Worker, int Step, TreeNode Node, int Sum = 0) : RunInput;

    /// <summary>The subtree's vector did not arrive as it should, or was not there at all.</summary>
    public sealed record NodeSpoilt(string Worker, int Step, TreeNode Node, string Cause, int Sum = 0, bool IsGone = false) : RunInput;

    /// <summary>The sum's norm.</summary>
    public sealed record Checked(int Step, double Norm) : RunInput;

    /// <summary>Version <c>Step + 1</c> is made and can be fetched.</summary>
    public sealed record Updated(int Step, double LearningRate) : RunInput;

    /// <summary>The record of a step is on disk.</summary>
    public sealed record RecordKept(int Step) : RunInput;

    /// <summary>A snapshot is on disk.</summary>
    public sealed record SnapshotKept(int Version, string Path) : RunInput;

    /// <summary>The version in hand is on disk as the best one.</summary>
    public sealed record BestKept(int Version, string File, string Sha256) : RunInput;

    /// <summary>Decisions that no step follows are on disk.</summary>
    public sealed record DecisionsKept(int Version) : RunInput;

    /// <summary>What is measured or exported can be fetched under this number.</summary>
    public sealed record ResultPublished(int Number) : RunInput;

    /// <summary>A batch of held-out rows is measured.</summary>
    public sealed record BatchCame(string Worker, int Measurement, int Batch, IReadOnlyList<RowEvaluation> Rows, double Milliseconds) : RunInput;

    /// <summary>The adapter's files lie in their place.</summary>
    public sealed record ExportCame(string Worker, string Folder, string? Sha256) : RunInput;

    /// <summary>A worker has closed its source.</summary>
    public sealed record WorkerReleased(string Worker) : RunInput;

    /// <summary>The user wants a pause.</summary>
    public sealed record PauseAsked : RunInput;

    /// <summary>The user wants an end at once.</summary>
    public sealed record CancelAsked : RunInput;

    /// <summary>Something of the run itself broke: the disk is full, the journal cannot be written.</summary>
    public sealed record Broke(EndReason Reason, string Cause) : RunInput;

    /// <summary>Time passes.</summary>
    public sealed record Ticked : RunInput;
}

/// <summary>What a worker says of a leaf.</summary>
public sealed record LeafReport(string Worker, UInt128 Hash, bool Finite, LeafResult Result, double Milliseconds);
