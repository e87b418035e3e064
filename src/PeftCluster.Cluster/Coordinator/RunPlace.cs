using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>What a coordinator's node gives to its runs.</summary>
/// <param name="Vectors">The run's side of the vectors.</param>
/// <param name="Content">Files by their content: data that workers fetch, adapters that they export.</param>
/// <param name="Endpoint">Where workers find both; empty within one process.</param>
/// <param name="Deadlines">How long a run waits for whom.</param>
/// <param name="Time">The clock.</param>
internal sealed record RunPlace(IRunVectors Vectors, IContentStore Content, string Endpoint, Deadlines Deadlines, TimeProvider Time)
{
    /// <summary>Who may work here.</summary>
    public Admission Admission { get; init; } = Admission.OwnProcess;

    /// <summary>Planted faults.</summary>
    public IFaultPoints Faults { get; init; } = NoFaults.Instance;
}
