using PeftCluster.Server.Chaos.Rows;

namespace PeftCluster.Server.Chaos;

/// <summary>The built-in matrix.</summary>
public static class BuiltInRows
{
    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        .. WorkerRows.All, .. CoordinatorRows.All, .. MembershipRows.All, .. MessageRows.All, .. GradientRows.All, .. DiskRows.All, .. RefusalRows.All, .. PartitionRows.All, .. StandbyRows.All,
    ];
}
