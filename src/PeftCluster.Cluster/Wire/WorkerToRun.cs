using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Wire;

/// <summary>The source is open, and this is what it trains.</summary>
public sealed record Ready(string Job, int Attempt, int Step, string NumericClass, WireDescription Source) : IRunMessage;

/// <summary>The job cannot run here.</summary>
/// <param name="Reason">One line for the user.</param>
/// <param name="IsBadInput">Whether it is the user's mistake (model, data or method), not the worker's.</param>
public sealed record AssignRefused(string Job, int Attempt, int Step, string Reason, bool IsBadInput) : IRunMessage;

/// <summary>Version 0 was handed over to the channel.</summary>
public sealed record Initialised(string Job, int Attempt, int Step) : IRunMessage;

/// <summary>A leaf is computed; its vector follows within a <see cref="NodeSum"/>.</summary>
/// <param name="Shard">The leaf.</param>
/// <param name="Hash">XxHash128 of the gradient.</param>
/// <param name="Finite">Whether gradient and loss are numbers.</param>
/// <param name="Result">Loss and counts.</param>
/// <param name="Milliseconds">How long it took, without waiting in the device's line.</param>
public sealed record LeafDone(
    string Job, int Attempt, int Step, int Shard, UInt128 Hash, bool Finite, LeafResult Result, double Milliseconds) : IRunMessage;

/// <summary>The sum of a complete subtree was handed over to the channel.</summary>
/// <param name="Node">The subtree.</param>
/// <param name="LeafHashes">The hash of every leaf under it, from left to right.</param>
public sealed record NodeSum(string Job, int Attempt, int Step, TreeNode Node, IReadOnlyList<UInt128> LeafHashes) : IRunMessage;

/// <summary>A batch of held-out rows is measured.</summary>
public sealed record Evaluated(
    string Job, int Attempt, int Step, int Measurement, int Batch, IReadOnlyList<RowEvaluation> Rows, double Milliseconds) : IRunMessage;

/// <summary>The adapter's files are in the run's store.</summary>
/// <param name="Files">Their names within the adapter's folder, and by what they are found.</param>
public sealed record Exported(string Job, int Attempt, int Step, IReadOnlyList<DataFile> Files) : IRunMessage;

/// <summary>What was asked could not be done here.</summary>
/// <param name="Task">What was asked.</param>
/// <param name="Number">The shard, or the number of the evaluation batch; else 0.</param>
/// <param name="Cause">One line.</param>
public sealed record Failed(string Job, int Attempt, int Step, WorkerTask Task, int Number, string Cause) : IRunMessage;

/// <summary>The worker goes away; its open work should move at once.</summary>
public sealed record Leaving(string Job, int Attempt, int Step) : IRunMessage;

/// <summary>The source is closed.</summary>
public sealed record Released(string Job, int Attempt, int Step) : IRunMessage;

/// <summary>What a worker can be asked for. The numbers are on the wire: explicit, never changed.</summary>
public enum WorkerTask
{
    Initialise = 1,
    Leaf = 2,
    Evaluate = 3,
    Export = 4,
}
