using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Faults;
using static PeftCluster.Server.Chaos.Rows.RowWords;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>
/// Lines that are cut, in network namespaces: each node has an address and a wire of its own. The steps are slowed so that the run outlives the cut.
/// </summary>
internal static class PartitionRows
{
    private static readonly Fault _midst = Note(FaultPoint.Of(RunPhase.Computing), 4);

    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        new("a worker cut off for 30 s") { Plant = In("coordinator", _midst), Reaction = ChaosReaction.Partition, Seconds = 30, HasNetwork = true, Pace = 900, Within = TimeSpan.FromSeconds(240) },
        new("what a worker says is lost for 30 s") { Plant = In("coordinator", _midst), Reaction = ChaosReaction.OneWayLoss, Seconds = 30, HasNetwork = true, Pace = 900, Within = TimeSpan.FromSeconds(240) },
    ];
}
