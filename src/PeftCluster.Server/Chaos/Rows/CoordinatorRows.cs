using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs.Lifecycle;
using static PeftCluster.Server.Chaos.Rows.RowWords;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>
/// The coordinator killed as it enters each state of the run and of the job, and started again as a supervisor would. What is committed is on disk; the rest is computed
/// again.
/// </summary>
internal static class CoordinatorRows
{
    /// <summary>States that are entered in the middle of the run: at which version.</summary>
    private static readonly (RunPhase Phase, int? At)[] _phases =
    [
        (RunPhase.Initialising, null), (RunPhase.MeasuringBase, null), (RunPhase.Computing, 6), (RunPhase.Checking, 6), (RunPhase.Updating, 6),
        (RunPhase.MeasuringAdapter, null), (RunPhase.Exporting, null), (RunPhase.Releasing, null), (RunPhase.Ended, null),
    ];

    /// <summary>States of a run that measures on the way and gives its best version, which here is the last.</summary>
    private static readonly (RunPhase Phase, int? At)[] _measuring = [(RunPhase.MeasuringVersion, 10), (RunPhase.KeepingBest, 10), (RunPhase.Closing, null)];

    private static readonly Fault _killedGiving = Kill(FaultPoint.WhileGiving) with { Skip = 8 };

    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        .. _phases.Select(phase => new ChaosRow($"coordinator killed in {FaultPoint.Of(phase.Phase)}") { Plant = In("coordinator", Kill(FaultPoint.Of(phase.Phase), phase.At)) }),
        .. _measuring.Select(phase => new ChaosRow($"coordinator killed in {FaultPoint.Of(phase.Phase)}") { Plant = In("coordinator", Kill(FaultPoint.Of(phase.Phase), phase.At)), Measures = 5 }),
        new("coordinator killed as it reads what the one before it left")
        {
            Plant = In("coordinator", Kill(FaultPoint.Of(RunPhase.Computing), 6)).And("coordinator#2", Kill(FaultPoint.Of(RunPhase.Restoring))),
        },
        new("coordinator killed while workers read a version over TCP") { Plant = In("coordinator", _killedGiving with { Of = InSocket }).And("workers", OverTcp) },
        new("coordinator killed while workers read a version from shared memory") { Plant = In("coordinator", _killedGiving with { Of = InSharedMemory }) },
        new("coordinator killed when a record is on disk") { Plant = In("coordinator", Kill(FaultPoint.RecordWritten, 6)) },
        new("coordinator killed when a snapshot is on disk") { Plant = In("coordinator", Kill(FaultPoint.SnapshotWritten, 5)) },
        new("coordinator killed when the job is starting") { Plant = In("coordinator", Kill(FaultPoint.Of(JobPhase.Starting))) },
        new("coordinator killed when the job is running") { Plant = In("coordinator", Kill(FaultPoint.Of(JobPhase.Running))) },
        new("coordinator killed when the job is completed") { Plant = In("coordinator", Kill(FaultPoint.Of(JobPhase.Completed))) },
        new("coordinator killed when the job is pausing, then resumed")
        {
            Plant = In("coordinator", Note(FaultPoint.Of(RunPhase.Computing), 4), Kill(FaultPoint.Of(JobPhase.Pausing))),
            Reaction = ChaosReaction.Pause,
        },
        new($"coordinator killed in {FaultPoint.Of(RunPhase.Holding)}")
        {
            // The first snapshot takes so long that the run has to wait for it.
            Plant = In("coordinator", Hold(FaultPoint.DiskWrite, of: "snapshot-00000000", seconds: 20), Kill(FaultPoint.Of(RunPhase.Holding))),
        },
        new($"coordinator killed in {FaultPoint.Of(RunPhase.Saving)} for a pause, then resumed")
        {
            Plant = In("coordinator", Note(FaultPoint.Of(RunPhase.Computing), 4), Kill(FaultPoint.Of(RunPhase.Saving))),
            Reaction = ChaosReaction.Pause,
        },
        new("coordinator killed when the job is stopping")
        {
            Plant = In("coordinator", Note(FaultPoint.Of(RunPhase.Computing), 4), Kill(FaultPoint.Of(JobPhase.Stopping))),
            Reaction = ChaosReaction.Cancel,
            Ends = EndReason.Cancelled,
        },
    ];
}
