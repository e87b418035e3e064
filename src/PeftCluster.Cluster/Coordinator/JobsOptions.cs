using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>What a <see cref="JobsActor"/> works with. Without state folder and catalog it takes jobs from its own process only.</summary>
/// <param name="Place">What its runs are given.</param>
internal sealed record JobsOptions(RunPlace Place)
{
    /// <summary>Where runs from afar lie, each in <c>runs/RUN_ID</c>.</summary>
    public string? StateFolder { get; init; }

    /// <summary>Knows the rows of jobs from afar.</summary>
    public IRowCatalog? Catalog { get; init; }

    /// <summary>Where jobs and attempts are kept; null: in memory and in the runs' folders, as the embedded form does.</summary>
    public JobDatabase? Database { get; init; }

    /// <summary>Called with one line when the jobs actor ends by itself: another coordinator is there, or its database is not. The node must end then.</summary>
    public Action<string> Fell { get; init; } = _ => { };

    /// <summary>Removes files that are not among the needed ones and are old; called when the jobs are known and after each one that ended. Waits for nothing.</summary>
    public Action<IReadOnlySet<string>> Sweep { get; init; } = _ => { };

    /// <summary>The disk.</summary>
    public IRunFiles Files { get; init; } = new DiskFiles();

    /// <summary>The product's version, for people.</summary>
    public string Build { get; init; } = "";

    /// <summary>Whether a submission may be taken: null, or the line with which it is refused (a wrong proof).</summary>
    public Func<SubmitJob, string?> Admit { get; init; } = _ => null;

    public bool TakesJobsFromAfar => StateFolder is not null && Catalog is not null;
}
