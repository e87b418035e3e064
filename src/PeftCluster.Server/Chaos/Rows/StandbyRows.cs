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

    /// <summary>Something befalls the leading one for 30 s, and the run is slow enough to outlive it.</summary>
    private static readonly ChaosRow _lasting = new("") { Seconds = 30, Struck = 0, HasStandby = true, Pace = 900, Within = TimeSpan.FromSeconds(300) };

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
        _lasting with
        {
            Fault = "leading coordinator frozen for 30 s, another one stands by",
            Plant = In("coordinator", new Fault(FaultPoint.Of(RunPhase.Computing), FaultAction.Stop, 6)),
            Reaction = ChaosReaction.Continue,
            Says = "another coordinator leads now",
            Within = TimeSpan.FromSeconds(240),
        },
        Cut("two coordinators after a partition: the leading one cut off for 30 s, from its database too", ChaosReaction.Partition),
        Cut("two coordinators, what the leading one says is lost for 30 s", ChaosReaction.OneWayLoss),
    ];

    private static ChaosRow Cut(string fault, ChaosReaction reaction) =>
        _lasting with { Fault = fault, Plant = In("coordinator", _midst), Reaction = reaction, HasNetwork = true, Says = "this node leads now" };
}
