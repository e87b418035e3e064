namespace PeftCluster.Steps.Reduction;

/// <summary>
/// Adds up one step's leaves as they arrive, as leaves or as sums of whole subtrees. Not for several threads at once.
/// <see cref="TreeSum"/> is the one that runs use; <see cref="ArrivalSum"/> is a planted fault.
/// </summary>
public interface IGradientSum
{
    /// <summary>Whether every leaf is in.</summary>
    bool IsComplete { get; }

    /// <summary>Leaves that are not in, ascending.</summary>
    IReadOnlyList<int> Missing { get; }

    /// <summary>The sum of all leaves; valid until <see cref="Clear"/>. Throws while leaves are missing.</summary>
    ReadOnlyMemory<float> Result { get; }

    /// <summary>Counts a node that has come. The vector is copied or added at once; the caller keeps it.</summary>
    /// <param name="node">Which node, by any of its names.</param>
    /// <param name="leafHashes">The hash of every leaf under it (<see cref="LeafHash"/>), from left to right.</param>
    /// <param name="vector">Its value.</param>
    SumAnswer Add(TreeNode node, ReadOnlySpan<UInt128> leafHashes, ReadOnlySpan<float> vector);

    /// <summary>
    /// The same without a copy: memory is exchanged. What is kept of the vector stays here, and the caller gets other memory of that length for it, or
    /// none where none is free.
    /// </summary>
    SumAnswer Exchange(TreeNode node, ReadOnlySpan<UInt128> leafHashes, ref float[]? vector);

    /// <summary>Gives the sum of all leaves away, its memory with it, and forgets the step. Throws while leaves are missing.</summary>
    float[] Release();

    /// <summary>Memory of vectors that were exchanged or released which this has no use for just now, one at a time; null: none.</summary>
    float[]? Spare();

    /// <summary>Forgets the step; buffers are kept for the next.</summary>
    void Clear();
}

/// <summary>What became of a node that came.</summary>
public enum SumAnswer
{
    /// <summary>It is in.</summary>
    Taken,

    /// <summary>It is in, in place of some of its leaves that had come before it with the same hashes.</summary>
    Replaced,

    /// <summary>All its leaves were in, with the same hashes. Nothing changed.</summary>
    Dropped,

    /// <summary>One of its leaves is in with another hash: somebody computed wrongly. Nothing changed.</summary>
    Disagrees,
}
