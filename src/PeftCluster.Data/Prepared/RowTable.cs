using System.Collections;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// A list that grows by pieces of fixed size: unlike a <see cref="List{T}"/> it never holds what it has twice, which counts where rows are by the million.
/// </summary>
internal sealed class RowTable<T> : IReadOnlyList<T>
{
    private const int PieceBits = 14;
    private const int PieceRows = 1 << PieceBits;

    private readonly List<T[]> _pieces = [];

    public int Count { get; private set; }

    public T this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
            return _pieces[row >> PieceBits][row & (PieceRows - 1)];
        }
    }

    public void Add(T item)
    {
        if (Count >> PieceBits == _pieces.Count)
            _pieces.Add(new T[PieceRows]);
        _pieces[Count >> PieceBits][Count & (PieceRows - 1)] = item;
        Count++;
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var row = 0; row < Count; row++)
            yield return this[row];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
