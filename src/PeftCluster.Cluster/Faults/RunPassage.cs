using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Cluster.Faults;

/// <summary>Which points a run passes with one decision of its machine: what it has heard is on disk, and the state that it enters.</summary>
internal static class RunPassage
{
    /// <summary>Passes them, before anything of the decision is done.</summary>
    public static void Of(IFaultPoints faults, RunInput input, RunPhase before, StepMachine now)
    {
        if (input is RunInput.RecordKept record)
            faults.Pass(FaultPoint.RecordWritten, record.Step);
        if (input is RunInput.SnapshotKept snapshot)
            faults.Pass(FaultPoint.SnapshotWritten, snapshot.Version);
        if (now.Phase != before)
            faults.Pass(FaultPoint.Of(now.Phase), now.Version ?? 0);
    }
}
