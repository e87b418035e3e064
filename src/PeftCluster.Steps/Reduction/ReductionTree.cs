using System.Numerics;

namespace PeftCluster.Steps.Reduction;

/// <summary>
/// In which order the leaves of a step are added. The order depends on the number of leaves only, so a sum has the same
/// bits whoever computed which leaf and whatever came first. A node without a right child <b>is</b> its left child: they
/// are one node by several names, and <see cref="Canonical"/> picks the lowest.
/// </summary>
public sealed class ReductionTree
{
    public ReductionTree(int leaves)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(leaves, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leaves, 1 << 30);
        LeafCount = leaves;
        Height = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)leaves));
    }

    public int LeafCount { get; }

    /// <summary>The root's level.</summary>
    public int Height { get; }

    public TreeNode Root => new(Height, 0);

    /// <summary>Whether the tree has the node, under whatever name.</summary>
    public bool Has(TreeNode node) =>
        node.Level >= 0 && node.Level <= Height && node.Index >= 0 && (long)node.Index << node.Level < LeafCount;

    /// <summary>The node above, or null above the root.</summary>
    public TreeNode? Parent(TreeNode node) => Checked(node).Level == Height ? null : new TreeNode(node.Level + 1, node.Index / 2);

    /// <summary>The left child, or null below a leaf.</summary>
    public TreeNode? Left(TreeNode node) => Checked(node).Level == 0 ? null : new TreeNode(node.Level - 1, 2 * node.Index);

    /// <summary>The right child, or null where the node has none.</summary>
    public TreeNode? Right(TreeNode node)
    {
        if (Checked(node).Level == 0)
            return null;
        var right = new TreeNode(node.Level - 1, 2 * node.Index + 1);
        return Has(right) ? right : null;
    }

    /// <summary>The leaves under a node: first, and one past the last.</summary>
    public (int First, int End) Leaves(TreeNode node)
    {
        var first = Checked(node).Index << node.Level;
        return (first, (int)Math.Min(LeafCount, first + (1L << node.Level)));
    }

    /// <summary>The lowest of a node's names: the one that has two children or is a leaf.</summary>
    public TreeNode Canonical(TreeNode node)
    {
        Checked(node);
        while (node.Level > 0 && Right(node) is null)
            node = new TreeNode(node.Level - 1, 2 * node.Index);
        return node;
    }

    /// <summary>The addition that a node takes part in next, all by canonical names; null for the root.</summary>
    public Addition? Next(TreeNode node)
    {
        for (var name = node; Parent(name) is { } parent; name = parent)
            if (Right(parent) is { } right)
                return new Addition(Canonical(Left(parent)!.Value), Canonical(right), parent);
        return null;
    }

    /// <summary>The fewest nodes that together have exactly these leaves: what one worker needs to send. Canonical, from left to right.</summary>
    public IReadOnlyList<TreeNode> Cover(IEnumerable<int> leaves)
    {
        var counts = new int[LeafCount + 1];
        foreach (var leaf in leaves)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(leaf, nameof(leaves));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(leaf, LeafCount, nameof(leaves));
            counts[leaf + 1] = 1;
        }
        // From here on the number of chosen leaves before a leaf.
        for (var leaf = 0; leaf < LeafCount; leaf++)
            counts[leaf + 1] += counts[leaf];
        var cover = new List<TreeNode>();
        AddCover(Root, counts, cover);
        return cover;
    }

    private void AddCover(TreeNode node, int[] counts, List<TreeNode> cover)
    {
        var (first, end) = Leaves(node);
        var chosen = counts[end] - counts[first];
        if (chosen == end - first)
        {
            cover.Add(Canonical(node));
            return;
        }
        if (chosen == 0)
            return;
        AddCover(Left(node)!.Value, counts, cover);
        if (Right(node) is { } right)
            AddCover(right, counts, cover);
    }

    private TreeNode Checked(TreeNode node) =>
        Has(node) ? node : throw new ArgumentOutOfRangeException(nameof(node), node, $"a tree of {LeafCount} leaves has no such node");

    /// <summary>Parent = left + right, element by element.</summary>
    public readonly record struct Addition(TreeNode Left, TreeNode Right, TreeNode Parent);
}
