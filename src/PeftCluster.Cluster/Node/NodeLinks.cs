using PeftCluster.Cluster.Transport;

namespace PeftCluster.Cluster.Node;

/// <summary>The ways to coordinators: to the one in this process without a socket, to any other through one.</summary>
/// <param name="own">The endpoint of this process's coordinator; empty where it has none.</param>
/// <param name="local">The way to it.</param>
/// <param name="others">The ways to others.</param>
internal sealed class NodeLinks(string own, LocalLink? local, ICoordinatorLinks others) : ICoordinatorLinks
{
    public ICoordinatorLink To(string endpoint) => local is not null && endpoint == own ? local : others.To(endpoint);
}
