using PeftCluster.Cluster.Faults;
using static PeftCluster.Server.Chaos.Rows.RowWords;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>Gradients that are wrong, on their way or from their start.</summary>
internal static class GradientRows
{
    private static readonly Fault _flipped = new(FaultPoint.WhileSending, FaultAction.BadChecksum, Skip: 4);

    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        new("a gradient with a NaN") { Plant = In("worker1", new Fault(FaultPoint.LeafComputed, FaultAction.Nan, 4)), Says = "worker {worker1}/cpu:0 is quarantined", Workers = 3 },
        new("a sum of the wrong length") { Plant = In("worker1", new Fault(FaultPoint.BeforeSend, FaultAction.WrongLength, 4)) },
        new("a vector with a bad checksum over TCP") { Plant = In("worker1", OverTcp, _flipped with { Of = InSocket }) },
        new("a vector with a bad checksum in shared memory") { Plant = In("worker1", _flipped with { Of = InSharedMemory }) },
        new("a gradient that is finite and wrong, all audited")
        {
            Plant = In("worker1", new Fault(FaultPoint.LeafComputed, FaultAction.WrongGradient, 4)),
            AuditFraction = 1,
            Workers = 3,
            Says = "worker {worker1}/cpu:0 is quarantined",
        },
    ];
}
