using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>What a run wants done. Effects of one decision are run in their order.</summary>
public abstract record RunEffect
{
    /// <summary>Ask a worker to open its source.</summary>
    public sealed record AskReady(string Worker) : RunEffect;

    /// <summary>Read the earlier attempt. Answer: Restored.</summary>
    public sealed record Restore : RunEffect;

    /// <summary>Ask a worker for version 0. Answer: VersionZeroCame.</summary>
    public sealed record AskVersionZero(string Worker) : RunEffect;

    /// <summary>Send a step, or more work of it, to a worker.</summary>
    public sealed record SendStep(string Worker, StepPlan Plan, IReadOnlyList<int> Shards, bool Again = false) : RunEffect;

    /// <summary>Take a subtree's vector and add it. Answer: NodeAdded or NodeSpoilt.</summary>
    public sealed record AddNode(string Worker, int Step, TreeNode Node, IReadOnlyList<UInt128> LeafHashes, int Sum = 0) : RunEffect;

    /// <summary>Empty the step's sum: nothing that was added counts.</summary>
    public sealed record ResetSum(int Step) : RunEffect;

    /// <summary>Compute the sum's norm. Answer: Checked.</summary>
    public sealed record Check(int Step) : RunEffect;

    /// <summary>Clip, run the optimizer, make version <c>Step + 1</c> fetchable. Answer: Updated.</summary>
    public sealed record Update(int Step, double Norm) : RunEffect;

    /// <summary>Write the record of a committed step in the background. Answer: RecordKept.</summary>
    public sealed record KeepRecord(StepSummary Summary) : RunEffect;

    /// <summary>Write a snapshot of the version in hand in the background. Answer: SnapshotKept.</summary>
    public sealed record KeepSnapshot(int Version) : RunEffect;

    /// <summary>Write the version in hand as the best one. Answer: BestKept.</summary>
    public sealed record KeepBest(int Version) : RunEffect;

    /// <summary>Write decisions that no step follows. Answer: DecisionsKept.</summary>
    public sealed record KeepDecisions(int Version, IReadOnlyList<RunDecision> Decisions) : RunEffect;

    /// <summary>
    /// Make fetchable what is measured or exported where that is not the version in hand itself: its average, or the best version, from its file. Answer: ResultPublished.
    /// </summary>
    public sealed record PublishResult(int Version, BestVersion? Best = null) : RunEffect
    {
        /// <summary>What it is fetched under: below 0, so that it is no version's number.</summary>
        public int Number => ~Version;
    }

    /// <summary>Ask a worker to measure one batch with the adapter that can be fetched under this number. Answer: BatchCame.</summary>
    public sealed record SendBatch(string Worker, int Version, int Measurement, EvaluationTarget Target, int Batch, IReadOnlyList<int> Rows) : RunEffect;

    /// <summary>Ask a worker to write the files of the adapter that can be fetched under this number. Answer: ExportCame.</summary>
    public sealed record AskExport(string Worker, int Version) : RunEffect;

    /// <summary>Ask a worker to close its source.</summary>
    public sealed record AskRelease(string Worker) : RunEffect;

    /// <summary>Tell the watchers that the run has its workers and its version.</summary>
    public sealed record TellStarted(int FirstStep, IReadOnlyList<string> Workers) : RunEffect;

    /// <summary>Tell the watchers.</summary>
    public sealed record Tell(RunEvent Happened) : RunEffect;

    /// <summary>The run is over; nothing follows.</summary>
    public sealed record End(RunEnded Ended) : RunEffect;
}

/// <summary>What a commit record says of a step besides what the optimizer knows.</summary>
/// <param name="Plan">The step's plan.</param>
/// <param name="Norm">The sum's norm.</param>
/// <param name="Loss">Mean loss of a labelled token.</param>
/// <param name="Leaves">The first report of each leaf, in the order of the leaves.</param>
/// <param name="Decisions">What was decided before the step.</param>
public sealed record StepSummary(StepPlan Plan, double Norm, double Loss, IReadOnlyList<LeafReport> Leaves, IReadOnlyList<RunDecision> Decisions);
