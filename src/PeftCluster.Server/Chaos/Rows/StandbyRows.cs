using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Faults;
using static PeftCluster.Server.Chaos.Rows.RowWords;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>
/// Two coordinators over one PostgreSQL database: whatever becomes of the leading one, one of them commits and the other is fenced. They need a server
/// (<c>--database</c>).
/// </summary>
internal static class StandbyRows
{
    private static readonly Fault _midst = Note(FaultPoint.Of(RunPhase.Computing), 4);

    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        new("leading coordinator killed and gone, another one stands by")
        {
            Plant = In("coordinator", Kill(FaultPoint.Of(RunPhase.Computing), 6)),
            HasStandby = true,
            StaysAway = true,
            Says = "this node leads now",
        },
        new("leading coordinator killed and started again beside one that stands by")
        {
            Plant = In("coordinator", Kill(FaultPoint.Of(RunPhase.Computing), 6)),
            HasStandby = true,
        },
        new("leading coordinator frozen for 30 s, another one stands by")
        {
            Plant = In("coordinator", new Fault(FaultPoint.Of(RunPhase.Computing), FaultAction.Stop, 6)),
            Reaction = ChaosReaction.Continue,
            Seconds = 30,
            HasStandby = true,
            Pace = 900,
            Says = "another coordinator leads now",
            Within = TimeSpan.FromSeconds(240),
        },
        new("two coordinators after a partition: the leading one cut off for 30 s, from its database too")
        {
            Plant = In("coordinator", _midst),
            Reaction = ChaosReaction.Partition,
            Struck = 0,
            Seconds = 30,
            HasStandby = true,
            HasNetwork = true,
            Pace = 900,
            Says = "this node leads now",
            Within = TimeSpan.FromSeconds(300),
        },
        new("two coordinators, what the leading one says is lost for 30 s")
        {
            Plant = In("coordinator", _midst),
            Reaction = ChaosReaction.OneWayLoss,
            Struck = 0,
            Seconds = 30,
            HasStandby = true,
            HasNetwork = true,
            Pace = 900,
            Says = "this node leads now",
            Within = TimeSpan.FromSeconds(300),
        },
    ];
}
