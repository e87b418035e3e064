using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Server.Security;
using static PeftCluster.Server.Chaos.Rows.RowWords;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>What does not belong to the run is refused in one line, and the run goes on without it.</summary>
internal static class RefusalRows
{
    private static readonly Fault _midst = Note(FaultPoint.Of(RunPhase.Computing), 4);

    public static IReadOnlyList<ChaosRow> All { get; } =
    [
        new("a worker of another build")
        {
            Plant = In("worker2", new Fault(FaultPoint.NodeStarting, FaultAction.OtherBuild)),
            Needs = 1,
            Says = "/cpu:0 is not used: ",
        },
        new("workers that have another base model than the job's") { Strikes = "assignment", HasOtherBase = true, Ends = EndReason.BadInput, Says = "its base model" },
        new("data that is not what it says") { Strikes = "submission", HasOtherData = true, Ends = EndReason.BadInput, Says = "data" },
        new("a second node on the coordinator's port")
        {
            Plant = In("coordinator", _midst),
            Reaction = ChaosReaction.StartTwin,
            Twin = world => ["--roles", "worker", "--listen", world.CoordinatorPlace, "--join", world.CoordinatorPlace],
            Says = "the port is taken by another process",
        },
        new("a second coordinator on the same state")
        {
            Plant = In("coordinator", _midst),
            Reaction = ChaosReaction.StartTwin,
            Twin = world => ["--roles", "coordinator", "--listen", "127.0.0.1:0", "--state", world.State],
            Says = "another coordinator holds this folder",
        },
        new("a node with an expired certificate")
        {
            Plant = In("coordinator", _midst),
            Reaction = ChaosReaction.StartTwin,
            Twin = world => ["--roles", "worker", "--listen", "127.0.0.1:0", "--join", world.CoordinatorPlace, "--tls", ExpiredCertificates(world)],
            Says = ": expired on ",
        },
        new("launcher killed with SIGKILL") { Strikes = "launcher", Script = OrphanHunt.RunAsync, Workers = 0 },
    ];

    /// <summary>Certificates that were good for a day, long ago.</summary>
    private static string ExpiredCertificates(ChaosWorld world)
    {
        var folder = Path.Combine(world.Folder, "certificates");
        ClusterCertificates.Make(folder, ["127.0.0.1"], days: 1, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return Path.Combine(folder, "127.0.0.1");
    }
}
