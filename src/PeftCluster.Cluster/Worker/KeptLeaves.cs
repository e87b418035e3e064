using System.Numerics.Tensors;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Worker;

/// <summary>
/// The leaves of one step that a worker has computed, kept until the next step is announced, since the run may ask again.
/// Buffers are used again step after step. For one caller at a time: the device's line.
/// </summary>
/// <param name="length">Floats of a vector.</param>
internal sealed class KeptLeaves(int length)
{
    private readonly Stack<float[]> _free = [];
    private readonly Dictionary<int, (float[] Vector, UInt128 Hash)> _leaves = [];
    private int _step = -1;

    /// <summary>Drops the leaves of earlier steps.</summary>
    public void At(int step)
    {
        if (step == _step)
            return;
        foreach (var (vector, _) in _leaves.Values)
            _free.Push(vector);
        _leaves.Clear();
        _step = step;
    }

    /// <summary>A buffer for a leaf, with whatever is in it.</summary>
    public float[] Rent() => _free.TryPop(out var vector) ? vector : new float[length];

    public void Return(float[] vector) => _free.Push(vector);

    /// <summary>Keeps a leaf; a second computation of it replaces the first.</summary>
    public void Keep(int shard, float[] vector, UInt128 hash)
    {
        if (_leaves.Remove(shard, out var old))
            _free.Push(old.Vector);
        _leaves.Add(shard, (vector, hash));
    }

    public UInt128 HashOf(int shard) => _leaves[shard].Hash;

    /// <summary>The sum of a complete subtree into a rented buffer, in the tree's order: left + right.</summary>
    public float[] Sum(ReductionTree tree, TreeNode node)
    {
        var sum = Rent();
        Write(tree, tree.Canonical(node), sum);
        return sum;
    }

    private void Write(ReductionTree tree, TreeNode node, float[] into)
    {
        if (node.Level == 0)
        {
            _leaves[node.Index].Vector.CopyTo(into, 0);
            return;
        }
        Write(tree, tree.Left(node)!.Value, into);
        if (tree.Right(node) is not { } right)
            return;
        var second = Rent();
        Write(tree, right, second);
        TensorPrimitives.Add(into, second, into);
        Return(second);
    }
}
