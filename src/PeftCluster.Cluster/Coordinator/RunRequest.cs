using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>Everything that the cluster needs of one run. The rows themselves stay with the workers' sources.</summary>
/// <param name="RunId">The run's id, a ULID.</param>
/// <param name="Job">The checked job.</param>
/// <param name="Rows">Lengths and label counts of the prepared training rows.</param>
/// <param name="HeldOutRows">Rows of the prepared held-out data; 0 without <c>data.eval</c>, and then nothing is measured.</param>
/// <param name="Data">The prepared data: a resumed run must have the same.</param>
/// <param name="Folder">The run's folder; made where it is missing.</param>
public sealed record RunRequest(string RunId, JobSpec Job, IRowIndex Rows, int HeldOutRows, DataReference Data, string Folder)
{
    /// <summary>The data's input key.</summary>
    public string DataKey => Data.Key;

    /// <summary>Go on with the run that lies in the folder, where one does. Without it such a folder is refused.</summary>
    public bool Resume { get; init; }

    /// <summary>What is disturbed on purpose, or null: nothing.</summary>
    public Disturbance? Disturbance { get; init; }
}

/// <summary>
/// What <c>verify same-bits</c> does to a run: messages and vectors between workers and run are delayed and delivered in
/// another order. That must not change a bit.
/// </summary>
/// <param name="Seed">Draws delays and orders.</param>
/// <param name="SumInOrderOfArrival">The planted fault that must be found: gradients are added as they come, not by the tree.</param>
public sealed record Disturbance(long Seed, bool SumInOrderOfArrival = false);
