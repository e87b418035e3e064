using PeftCluster.Cluster.Faults;
using static PeftCluster.Server.Chaos.Rows.RowWords;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>A worker that comes, or goes politely, in the middle of whatever a run can be in the middle of.</summary>
internal static class MembershipRows
{
    /// <summary>Whoever could do the work in hand waits until the worker has come or gone.</summary>
    private static readonly (string During, IReadOnlyDictionary<string, IReadOnlyList<Fault>> Held)[] _moments =
    [
        ("a step", In("workers", Hold(FaultPoint.LeafComputed, 4))),
        ("an evaluation", In("workers", Hold(FaultPoint.Evaluating))),
        ("a snapshot", In("coordinator", Hold(FaultPoint.DiskWrite, of: "snapshot-00000005"))),
        ("the export", In("workers", Hold(FaultPoint.Exporting))),
    ];

    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        .. _moments.Select(moment => new ChaosRow($"a worker joins during {moment.During}") { Plant = moment.Held, Reaction = ChaosReaction.Join }),
        .. _moments.Select(moment => new ChaosRow($"a worker leaves during {moment.During}") { Plant = moment.Held, Reaction = ChaosReaction.Leave }),
    ];
}
