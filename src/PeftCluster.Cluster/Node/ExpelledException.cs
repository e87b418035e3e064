namespace PeftCluster.Cluster.Node;

/// <summary>The cluster put this node out. Started again, it may come back.</summary>
public sealed class ExpelledException : Exception
{
    public ExpelledException(Exception? cause = null)
        : base("expelled: this node lost sight of the coordinator, and the cluster goes on without it. Start it again.", cause)
    {
    }
}
