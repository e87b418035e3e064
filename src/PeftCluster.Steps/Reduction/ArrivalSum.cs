using System.Numerics.Tensors;

namespace PeftCluster.Steps.Reduction;

/// <summary>
/// A planted fault: counts as <see cref="TreeSum"/> does but adds in order of arrival, so that the last bits depend on who
/// was first. It shows that the checks of equal bits can fail.
/// </summary>
public sealed class ArrivalSum : IGradientSum
{
    private readonly ReductionTree _tree;
    private readonly float[] _sum;
    private readonly CountedLeaves _leaves;
    private readonly BufferPool _pool;
    private readonly List<(TreeNode Node, float[] Vector)> _arrived = [];

    /// <param name="tree">The job's tree.</param>
    /// <param name="length">Floats of a vector.</param>
    public ArrivalSum(ReductionTree tree, int length)
    {
        (_tree, _sum) = (tree, new float[length]);
        _leaves = new CountedLeaves(tree);
        _pool = new BufferPool(length);
    }

    public bool IsComplete => _leaves.IsComplete;

    public IReadOnlyList<int> Missing => _leaves.Missing;

    public ReadOnlyMemory<float> Result
    {
        get
        {
            if (!IsComplete)
                throw new InvalidOperationException($"leaves are missing: {string.Join(", ", Missing)}");
            _arrived[0].Vector.CopyTo(_sum, 0);
            foreach (var (_, vector) in _arrived.Skip(1))
                TensorPrimitives.Add(_sum, vector, _sum);
            return _sum;
        }
    }

    public SumAnswer Add(TreeNode node, ReadOnlySpan<UInt128> leafHashes, ReadOnlySpan<float> vector)
    {
        if (vector.Length != _sum.Length)
            throw new ArgumentException($"a vector has {_sum.Length} floats, not {vector.Length}", nameof(vector));
        var answer = _leaves.Count(node, leafHashes);
        if (answer == SumAnswer.Replaced)
            RemoveUnder(node);
        if (answer is SumAnswer.Taken or SumAnswer.Replaced)
            _arrived.Add((node, _pool.CopyOf(vector)));
        return answer;
    }

    public SumAnswer Exchange(TreeNode node, ReadOnlySpan<UInt128> leafHashes, ref float[]? vector) => Add(node, leafHashes, vector);

    public float[] Release()
    {
        var sum = Result.ToArray();
        Clear();
        return sum;
    }

    public float[]? Spare() => null;

    public void Clear()
    {
        foreach (var (_, vector) in _arrived)
            _pool.Return(vector);
        _arrived.Clear();
        _leaves.Clear();
    }

    private void RemoveUnder(TreeNode node)
    {
        var (first, end) = _tree.Leaves(node);
        foreach (var below in _arrived.Where(arrived => _tree.Leaves(arrived.Node) is var leaves && leaves.First >= first && leaves.End <= end).ToArray())
        {
            _arrived.Remove(below);
            _pool.Return(below.Vector);
        }
    }
}
