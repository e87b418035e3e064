using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Steps.Tests.Reduction;

/// <summary>Made-up leaves of very different magnitudes, so that another order of addition shows in the bits.</summary>
internal sealed class Leaves
{
    private readonly float[][] _vectors;
    private readonly UInt128[] _hashes;

    public Leaves(int count, int length, long seed)
    {
        Tree = new ReductionTree(count);
        var random = new PhiloxStream(seed, "leaves");
        _vectors = [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, length)
            .Select(_ => (float)(random.NextGaussian() * Math.ScaleB(1, random.NextBelow(16)))).ToArray())];
        _hashes = [.. _vectors.Select(vector => LeafHash.Of(vector))];
    }

    public ReductionTree Tree { get; }

    /// <summary>The definition: a node's value is left + right; without a right child it is its left child.</summary>
    public float[] Value(TreeNode node)
    {
        if (Tree.Left(node) is not { } left)
            return _vectors[node.Index];
        return Tree.Right(node) is { } right ? [.. Value(left).Zip(Value(right), (a, b) => a + b)] : Value(left);
    }

    public UInt128[] Hashes(TreeNode node)
    {
        var (first, end) = Tree.Leaves(node);
        return _hashes[first..end];
    }

    public SumAnswer AddTo(IGradientSum sum, TreeNode node) => sum.Add(node, Hashes(node), Value(node));
}
