using PeftCluster.Cluster.Wire;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Worker;

/// <summary>Which assignment: a job may come again in a later attempt, and the two never mix.</summary>
public readonly record struct AssignmentKey(string Job, int Attempt)
{
    public static AssignmentKey Of(IRunMessage message) => new(message.Job, message.Attempt);
}

/// <summary>One thing in a device's line. It names its assignment and step, so its end can always be told from another's.</summary>
public abstract record WorkItem(AssignmentKey Key, int Step)
{
    /// <summary>Open the job's source.</summary>
    public sealed record Open(AssignmentKey Key, int Step, Assign Assign) : WorkItem(Key, Step);

    /// <summary>Compute version 0 and hand it over.</summary>
    public sealed record VersionZero(AssignmentKey Key, int Step) : WorkItem(Key, Step);

    /// <summary>Compute one leaf and keep its vector.</summary>
    public sealed record Leaf(AssignmentKey Key, int Step, StepWork Work, int Shard) : WorkItem(Key, Step);

    /// <summary>Add the kept leaves of a complete subtree and hand the sum over.</summary>
    public sealed record Sum(AssignmentKey Key, int Step, int Shards, TreeNode Node) : WorkItem(Key, Step);

    /// <summary>Measure one batch of held-out rows.</summary>
    public sealed record Batch(AssignmentKey Key, int Step, Evaluate Work) : WorkItem(Key, Step);

    /// <summary>Write the adapter's files and put them into the run's store.</summary>
    public sealed record Files(AssignmentKey Key, int Step) : WorkItem(Key, Step);

    /// <summary>Close the job's source.</summary>
    public sealed record Close(AssignmentKey Key, int Step) : WorkItem(Key, Step);
}

/// <summary>How an item ended.</summary>
public abstract record WorkOutcome
{
    /// <summary>It was done; the message answers the run (null for what needs no answer).</summary>
    public sealed record Done(IRunMessage? Answer) : WorkOutcome;

    /// <summary>It could not be done.</summary>
    /// <param name="Cause">One line.</param>
    /// <param name="IsBadInput">Whether it is the user's mistake.</param>
    public sealed record Broken(string Cause, bool IsBadInput = false) : WorkOutcome;

    /// <summary>It was stopped, or its version was gone: nobody waits for it any more.</summary>
    public sealed record Dropped : WorkOutcome;
}
