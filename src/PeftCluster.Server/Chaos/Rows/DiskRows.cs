using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs.Lifecycle;
using static PeftCluster.Server.Chaos.Rows.RowWords;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>Disks that are full, do not sync, tear and flip; and snapshots that are not what their names say.</summary>
internal static class DiskRows
{
    private static readonly Fault _killed = Kill(FaultPoint.Of(RunPhase.Computing), 8);

    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        Broken("disk full during the journal", new Fault(FaultPoint.DiskAppend, FaultAction.DiskFull, 6, "journal-")),
        Broken("syncing the journal fails", new Fault(FaultPoint.DiskSync, FaultAction.FsyncFails, 6, "journal-")),
        Broken("disk full during a snapshot", new Fault(FaultPoint.DiskWrite, FaultAction.DiskFull, Of: "snapshot-00000005")),
        Broken("syncing a snapshot fails", new Fault(FaultPoint.DiskWrite, FaultAction.FsyncFails, Of: "snapshot-00000005")),
        new("journal cut in the middle of a record") { Plant = In("coordinator", new Fault(FaultPoint.DiskAppend, FaultAction.Tear, 6, "journal-")) },
        new("a snapshot with a flipped bit")
        {
            Plant = In("coordinator", new Fault(FaultPoint.DiskWrite, FaultAction.Flip, Of: "snapshot-00000005"), _killed),
            Says = "damaged, or of an earlier build; an older snapshot is used",
        },
        new("a stale snapshot under a newer name")
        {
            Plant = In("coordinator", _killed),
            BeforeRestart = folder => File.Copy(Path.Combine(folder, "snapshot-00000005.safetensors"), Path.Combine(folder, "snapshot-00000007.safetensors"), overwrite: true),
            Says = "an older snapshot is used",
        },
        new("a snapshot of another job")
        {
            Plant = In("coordinator", _killed),
            BeforeRestart = ForeignSnapshot.PutInto,
            Says = "of another job or layout; an older snapshot is used",
        },
    ];

    private static ChaosRow Broken(string name, Fault fault) => new(name) { Plant = In("coordinator", fault), Ends = EndReason.StorageFailed, Says = "Make room" };
}
