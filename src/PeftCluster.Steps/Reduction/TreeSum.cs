namespace PeftCluster.Steps.Reduction;

/// <summary>
/// Adds a step's leaves in the order of the tree while they arrive in any order: two children are added, left + right, as
/// soon as both are in. The bits are those of the recursive definition. At most ⌈leaves ÷ 2⌉ buffers are held,
/// since an arriving vector is added into its sibling's buffer where that is in.
/// </summary>
public sealed class TreeSum : IGradientSum
{
    private readonly ReductionTree _tree;
    private readonly int _length;
    private readonly CountedLeaves _leaves;
    private readonly BufferPool _pool;

    // Nodes that are in and not yet added to a sibling, by canonical name; none contains another.
    private readonly Dictionary<TreeNode, float[]> _open = [];

    /// <param name="tree">The job's tree.</param>
    /// <param name="length">Floats of a vector.</param>
    public TreeSum(ReductionTree tree, int length)
    {
        (_tree, _length) = (tree, length);
        _leaves = new CountedLeaves(tree);
        _pool = new BufferPool(length);
    }

    public bool IsComplete => _leaves.IsComplete;

    public IReadOnlyList<int> Missing => _leaves.Missing;

    public ReadOnlyMemory<float> Result =>
        Value(_tree.Root) ?? throw NotComplete;

    private InvalidOperationException NotComplete => new($"leaves are missing: {string.Join(", ", Missing)}");

    /// <summary>Buffers that exist.</summary>
    internal int Buffers => _pool.Made;

    public SumAnswer Add(TreeNode node, ReadOnlySpan<UInt128> leafHashes, ReadOnlySpan<float> vector)
    {
        node = _tree.Canonical(node);
        var answer = Counted(node, leafHashes, vector.Length);
        if (answer is (SumAnswer.Taken or SumAnswer.Replaced) && !Merge(node, vector))
            _open.Add(node, _pool.CopyOf(vector));
        return answer;
    }

    public SumAnswer Exchange(TreeNode node, ReadOnlySpan<UInt128> leafHashes, ref float[]? vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        node = _tree.Canonical(node);
        var answer = Counted(node, leafHashes, vector.Length);
        if (answer is (SumAnswer.Taken or SumAnswer.Replaced) && !Merge(node, vector))
        {
            _open.Add(node, vector);
            _pool.Adopt();
            vector = _pool.Take();
        }
        return answer;
    }

    /// <summary>
    /// The value of a node that is in and not yet added to its sibling, or null: what a worker sends when it has all
    /// leaves under the node. Valid until the next call.
    /// </summary>
    public ReadOnlyMemory<float>? Value(TreeNode node) =>
        _open.TryGetValue(_tree.Canonical(node), out var buffer) ? buffer : (ReadOnlyMemory<float>?)null;

    public float[] Release()
    {
        if (!_open.Remove(_tree.Canonical(_tree.Root), out var sum))
            throw NotComplete;
        _pool.GiveAway();
        Clear();
        return sum;
    }

    public float[]? Spare() => _pool.Take();

    public void Clear()
    {
        foreach (var buffer in _open.Values)
            _pool.Return(buffer);
        _open.Clear();
        _leaves.Clear();
    }

    private SumAnswer Counted(TreeNode node, ReadOnlySpan<UInt128> leafHashes, int length)
    {
        if (length != _length)
            throw new ArgumentException($"a vector has {_length} floats, not {length}");
        var answer = _leaves.Count(node, leafHashes);
        if (answer == SumAnswer.Replaced)
            RemoveUnder(node);
        return answer;
    }

    /// <summary>Adds a vector to its sibling, and the sum to its own, as far as they are in. False: its sibling is not.</summary>
    private bool Merge(TreeNode node, ReadOnlySpan<float> vector)
    {
        float[]? sum = null;
        while (_tree.Next(node) is { } next && _open.Remove(node == next.Left ? next.Right : next.Left, out var sibling))
        {
            var value = sum is null ? vector : sum;
            if (node == next.Left)
                VectorSum.Add(value, sibling, sibling);
            else
                VectorSum.Add(sibling, value, sibling);
            if (sum is not null)
                _pool.Return(sum);
            (node, sum) = (next.Parent, sibling);
        }
        if (sum is not null)
            _open.Add(node, sum);
        return sum is not null;
    }

    private void RemoveUnder(TreeNode node)
    {
        var (first, end) = _tree.Leaves(node);
        foreach (var below in _open.Keys.Where(open => _tree.Leaves(open) is var leaves && leaves.First >= first && leaves.End <= end).ToArray())
        {
            _open.Remove(below, out var buffer);
            _pool.Return(buffer!);
        }
    }
}
