using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Server.Reports;

/// <summary>What is known of a run before its first event.</summary>
/// <param name="Job">The job as resolved.</param>
/// <param name="JobPath">The file that the job was read from, as the user wrote it.</param>
/// <param name="Node">Where it runs.</param>
/// <param name="Base">The frozen model.</param>
/// <param name="Data">What preparing the data found.</param>
public sealed record RunHeader(JobSpec Job, string JobPath, NodeFacts Node, BaseFacts Base, PreparationReport Data)
{
    public RunFolder Folder { get; } = new(Job.Output.Folder);
}

/// <summary>The node that a run lives on.</summary>
/// <param name="Address">Host and port of the cluster.</param>
/// <param name="Devices">One for each worker.</param>
/// <param name="Threads">Threads that each worker computes with.</param>
/// <param name="NumericClass">What may change the bits of a gradient here.</param>
/// <param name="IsElsewhere">Whether it is a node of a cluster of other processes.</param>
public sealed record NodeFacts(string Address, IReadOnlyList<string> Devices, int Threads, string NumericClass, bool IsElsewhere = false);

/// <summary>The frozen model as it lies on disk.</summary>
/// <param name="Bytes">Bytes of its weights in memory.</param>
/// <param name="Sha256">SHA-256 of its weight file, or of the list of its shards' hashes.</param>
public sealed record BaseFacts(long Bytes, string Sha256);
