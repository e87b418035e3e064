namespace PeftCluster.Steps.Reduction;

/// <summary>
/// Which leaves of a step are in, and with which hash: a leaf counts once, however often and in whatever node it comes.
/// Nodes of a tree contain each other or share nothing, so the leaves alone decide.
/// </summary>
internal sealed class CountedLeaves(ReductionTree tree)
{
    private readonly UInt128?[] _hashes = new UInt128?[tree.LeafCount];

    public bool IsComplete { get; private set; }

    public IReadOnlyList<int> Missing => [.. Enumerable.Range(0, _hashes.Length).Where(leaf => _hashes[leaf] is null)];

    /// <summary>Decides about a node, and counts its leaves where it is taken.</summary>
    public SumAnswer Count(TreeNode node, ReadOnlySpan<UInt128> leafHashes)
    {
        var (first, end) = tree.Leaves(node);
        if (leafHashes.Length != end - first)
            throw new ArgumentException($"node {node} has {end - first} leaves, not {leafHashes.Length}", nameof(leafHashes));
        var known = 0;
        for (var leaf = first; leaf < end; leaf++)
        {
            if (_hashes[leaf] is not { } hash)
                continue;
            if (hash != leafHashes[leaf - first])
                return SumAnswer.Disagrees;
            known++;
        }
        if (known == end - first)
            return SumAnswer.Dropped;
        for (var leaf = first; leaf < end; leaf++)
            _hashes[leaf] = leafHashes[leaf - first];
        IsComplete = Array.TrueForAll(_hashes, hash => hash is not null);
        return known == 0 ? SumAnswer.Taken : SumAnswer.Replaced;
    }

    public void Clear()
    {
        Array.Clear(_hashes);
        IsComplete = false;
    }
}
