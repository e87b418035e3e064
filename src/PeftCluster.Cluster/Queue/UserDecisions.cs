using System.Diagnostics;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Queue;

/// <summary>What a user's decision means to a job, to its run, and to whoever watches. Pure.</summary>
internal static class UserDecisions
{
    private const string CancelledByUser = "cancelled by the user";

    /// <summary>Whether the job does already what the user wants: a decision said twice is answered alike.</summary>
    public static bool HoldsAlready(Job job, UserDecision decision) => decision switch
    {
        UserDecision.Pause => job.Phase is JobPhase.Pausing or JobPhase.Paused,
        UserDecision.Cancel => job.Phase is JobPhase.Stopping or JobPhase.Cancelled,
        _ => false,
    };

    public static JobCommand Command(UserDecision decision) => decision switch
    {
        UserDecision.Pause => new PauseJob(),
        UserDecision.Cancel => new CancelJob(CancelledByUser),
        _ => throw new UnreachableException($"no decision has the number {(int)decision}"),
    };

    public static object ToRun(UserDecision decision) => decision == UserDecision.Pause ? new JobsProtocol.PauseRun() : new JobsProtocol.CancelRun();

    /// <summary>A run that paused before it heard of its cancellation is cancelled.</summary>
    public static RunEnded Settled(Job job, RunEnded ended) => job.Phase == JobPhase.Stopping && ended.Phase == JobPhase.Paused
        ? ended with { Phase = JobPhase.Cancelled, End = EndReason.Cancelled, Reason = CancelledByUser }
        : ended;

    /// <summary>How a job that stands still without a run of its own is told of; null where it waits or runs.</summary>
    public static RunEnded? StandsAs(Job job) => job.HasEnded || job.Phase == JobPhase.Paused
        ? new RunEnded(job.Phase, job.Why ?? "", 0, null, null, null) { End = job.End }
        : null;
}
