using System.Diagnostics;

namespace PeftCluster.Jobs.Lifecycle;

/// <summary>Why a job ended. Each belongs to one end; numbers are stored, so they are explicit and only ever added to.</summary>
public enum EndReason
{
    /// <summary>Completed: the last step is committed.</summary>
    AllStepsDone = 0,

    /// <summary>Failed: the loss or a gradient is not finite, on two workers alike.</summary>
    Diverged = 1,

    /// <summary>Failed: two workers computed unlike bits, and no third could decide.</summary>
    HardwareDisagreement = 2,

    /// <summary>Failed: no worker could compute a shard, or none was left.</summary>
    WorkersFailed = 3,

    /// <summary>Failed: the run's folder could not be written or read.</summary>
    StorageFailed = 4,

    /// <summary>Failed: model, data or method do not fit together, which only running could show.</summary>
    BadInput = 5,

    /// <summary>Failed: a fault of the product itself.</summary>
    InternalError = 6,

    /// <summary>Cancelled: as asked.</summary>
    Cancelled = 7,

    /// <summary>Cancelled, as asked, while a worker hung in a computation and was left behind.</summary>
    WorkerAbandoned = 8,

    /// <summary>Completed: the held-out rows were not measured better for as long as the job's patience lasts.</summary>
    EarlyStopped = 9,

    /// <summary>Not the job's end: another coordinator has taken the run, and this one's attempt is over.</summary>
    Fenced = 10,

    /// <summary>Not the job's end: whoever watched it from afar has not heard of a coordinator for too long.</summary>
    CoordinatorSilent = 11,
}

public static class EndReasons
{
    /// <summary>The end that the reason belongs to: completed, failed or cancelled.</summary>
    public static JobPhase Phase(this EndReason reason) => reason switch
    {
        EndReason.AllStepsDone or EndReason.EarlyStopped => JobPhase.Completed,
        EndReason.Cancelled or EndReason.WorkerAbandoned => JobPhase.Cancelled,
        EndReason.Diverged or EndReason.HardwareDisagreement or EndReason.WorkersFailed or EndReason.StorageFailed
            or EndReason.BadInput or EndReason.InternalError or EndReason.Fenced or EndReason.CoordinatorSilent => JobPhase.Failed,
        _ => throw new UnreachableException($"no end reason has the number {(int)reason}"),
    };

    /// <summary>Whether it says what became of the job, and not only of one attempt or of one's view of it.</summary>
    public static bool IsOfTheJob(this EndReason reason) => reason is not (EndReason.Fenced or EndReason.CoordinatorSilent);

    /// <summary>The name for machines: <c>hardware_disagreement</c>.</summary>
    public static string Name(this EndReason reason) => Spec.Keys.SnakeCase.Of(reason.ToString());
}
