namespace PeftCluster.Jobs.Lifecycle;

/// <summary>Where a job stands. The last three are ends, each with a reason; a paused job can be resumed.</summary>
public enum JobPhase
{
    Queued,
    Starting,
    Running,
    Pausing,
    Paused,
    Stopping,
    Completed,
    Failed,
    Cancelled,
}
