using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Transport;

/// <summary>Which vector: the sum of one subtree of one step, as one worker has it.</summary>
/// <param name="Job">The run's id.</param>
/// <param name="Attempt">The run's attempt.</param>
/// <param name="Step">The step.</param>
/// <param name="Node">The subtree.</param>
/// <param name="From">The worker.</param>
public readonly record struct VectorAddress(string Job, int Attempt, int Step, TreeNode Node, string From)
{
    /// <summary>Version 0 of the adapter, which one worker computes: no node of any tree.</summary>
    public static VectorAddress VersionZero(string job, int attempt, string from) => new(job, attempt, 0, new TreeNode(-1, 0), from);

    /// <summary>Whether it is one micro-batch's gradient.</summary>
    public bool IsLeaf => Node.Level == 0;

    public override string ToString() => $"{(Node.Level < 0 ? "version 0" : $"node {Node} of step {Step}")} from {From} (run {Job}, attempt {Attempt})";
}
