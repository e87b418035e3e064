using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Transport;

/// <summary>A worker's way to the coordinator of one run, outside Akka: vectors and files.</summary>
public interface ICoordinatorLink
{
    IWorkerVectors Vectors { get; }

    IContentStore Content { get; }
}

/// <summary>The ways from one node to coordinators. They are kept, since a run's messages name the same endpoint again and again.</summary>
public interface ICoordinatorLinks
{
    /// <summary>The way to an endpoint, as a run's messages name it; connects when it is first used.</summary>
    ICoordinatorLink To(string endpoint);
}

/// <summary>The way within one process, whatever the endpoint's name.</summary>
public sealed class LocalLink(IWorkerVectors vectors, IContentStore content) : ICoordinatorLink, ICoordinatorLinks
{
    public IWorkerVectors Vectors => vectors;

    public IContentStore Content => content;

    public ICoordinatorLink To(string endpoint) => this;
}
