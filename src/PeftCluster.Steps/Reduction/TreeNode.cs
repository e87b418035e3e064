namespace PeftCluster.Steps.Reduction;

/// <summary>A node of the reduction tree. Level 0 are the leaves, which are the data shards.</summary>
/// <param name="Level">Steps above the leaves.</param>
/// <param name="Index">Covers leaves <c>Index·2^Level … (Index + 1)·2^Level − 1</c>, as far as there are leaves.</param>
public readonly record struct TreeNode(int Level, int Index)
{
    /// <summary>The node of one leaf.</summary>
    public static TreeNode Leaf(int shard) => new(0, shard);

    public override string ToString() => $"{Level}/{Index}";
}
