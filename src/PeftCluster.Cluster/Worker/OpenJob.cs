using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Worker;

/// <summary>What a device keeps for a job that is assigned to it: its source, the adapter's version in hand and the leaves of the step.</summary>
/// <param name="source">Computes; closed by whoever opened it.</param>
/// <param name="description">What the source says of itself.</param>
/// <param name="link">The way to the run's coordinator.</param>
internal sealed class OpenJob(IStepSource source, SourceDescription description, ICoordinatorLink link)
{
    /// <summary>The version that lies in the buffer; −1 for none.</summary>
    private int _version = -1;

    public IStepSource Source => source;

    public ICoordinatorLink Link => link;

    public VectorLayout Layout => description.Layout;

    /// <summary>The adapter's parameters, flat, as fetched last.</summary>
    public float[] Adapter { get; } = new float[description.Layout.Length];

    public KeptLeaves Leaves { get; } = new(description.Layout.Length);

    /// <summary>Brings a version into <see cref="Adapter"/>, once. False: it is not there any more.</summary>
    public async Task<bool> FetchAsync(AssignmentKey key, int version, CancellationToken cancellation)
    {
        if (_version == version)
            return true;
        _version = -1;
        if (!await link.Vectors.FetchAsync(key.Job, key.Attempt, version, Layout.Hash, Adapter, cancellation))
            return false;
        _version = version;
        return true;
    }
}
