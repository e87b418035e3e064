using PeftCluster.Cluster.Faults;
using static PeftCluster.Server.Chaos.Rows.RowWords;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>
/// What is said between run and workers is lost, doubled, late, in another order or cut off, on both channels. Which messages those are is drawn
/// from the seed.
/// </summary>
internal static class MessageRows
{
    private static readonly Fault _truncated = new(FaultPoint.WhileSending, FaultAction.Truncate, Times: 3, Chance: 0.5);

    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        // A lost message costs up to five seconds, until its question is asked again: so a few, not many.
        Messages("messages dropped", FaultAction.Drop, times: 2, chance: 0.1),
        Messages("messages duplicated", FaultAction.Duplicate, times: 0, chance: 0.3),
        Messages("messages delayed", FaultAction.Delay, times: 0, chance: 0.3, amount: 100),
        Messages("messages reordered", FaultAction.Reorder, times: 0, chance: 0.2),
        new("messages truncated") { Plant = In("worker1", new Fault(FaultPoint.MessageBytes, FaultAction.Truncate, Of: "leaf-done", Skip: 2, Times: 2)) },
        new("vectors dropped") { Plant = In("worker1", new Fault(FaultPoint.BeforeSend, FaultAction.Drop, 4)) },
        new("vectors duplicated") { Plant = In("workers", new Fault(FaultPoint.BeforeSend, FaultAction.Duplicate, Times: 0, Chance: 0.5)) },
        new("vectors delayed and out of order") { Plant = In("workers", new Fault(FaultPoint.BeforeSend, FaultAction.Delay, Times: 0, Chance: 0.5, Amount: 100)) },
        new("vectors truncated over TCP") { Plant = In("worker1", OverTcp, _truncated with { Of = InSocket }) },
        new("vectors truncated in shared memory") { Plant = In("worker1", _truncated with { Of = InSharedMemory }) },
        new("second halves of vectors late in shared memory") { Plant = In("workers", new Fault(FaultPoint.WhileSending, FaultAction.Delay, Of: InSharedMemory, Times: 0, Chance: 0.5, Amount: 100)) },
        new("a version that is read for so long that others commit the next one")
        {
            Plant = In("coordinator", Hold(FaultPoint.WhileGiving, of: InSharedMemory, seconds: 8) with { Skip = 8 }),
            Says = "its open shards are computed elsewhere too",
        },
        new("versions lost on their way to a worker") { Plant = In("worker1", new Fault(FaultPoint.Fetch, FaultAction.Drop, 4)) },
    ];

    private static ChaosRow Messages(string name, FaultAction action, int times, double chance, double amount = 10) => new(name)
    {
        Plant = In("coordinator",
            new Fault(FaultPoint.MessageToWorker, action, Times: times, Chance: chance, Amount: amount),
            new Fault(FaultPoint.MessageToRun, action, Times: times, Chance: chance, Amount: amount)),
    };
}
