using PeftCluster.Cluster.Faults;
using static PeftCluster.Server.Chaos.Rows.RowWords;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>Workers that die, freeze and slow down. None of it may change a bit, and only a worker that is late by itself loses work.</summary>
internal static class WorkerRows
{
    private static readonly Fault _killed = Kill(FaultPoint.WhileSending) with { Skip = 4 };

    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        new("worker killed before it sends") { Plant = In("worker1", Kill(FaultPoint.BeforeSend, 4)) },
        new("worker killed while it sends over TCP") { Plant = In("worker1", OverTcp, _killed with { Of = InSocket }) },
        new("worker killed while its gradient lies half written in shared memory") { Plant = In("worker1", _killed with { Of = InSharedMemory }) },
        new("worker killed after it has sent") { Plant = In("worker1", Kill(FaultPoint.AfterSend, 4)) },
        new("worker frozen for 10 s") { Plant = In("worker1", new Fault(FaultPoint.LeafComputed, FaultAction.Stop, 4)), Reaction = ChaosReaction.Continue },
        new("every worker ten times as slow")
        {
            Plant = In("workers", new Fault(FaultPoint.LeafComputed, FaultAction.Slow, Times: 0, Amount: 10)),
            NobodyIsMoved = true,
            Workers = 3,
        },
        new("one worker ten times as slow")
        {
            Plant = In("worker1", new Fault(FaultPoint.LeafComputed, FaultAction.Slow, Times: 0, Amount: 10)),
            Pace = 80,
            Workers = 3,
            Says = "worker {worker1}/cpu:0 is slow",
        },
    ];
}
