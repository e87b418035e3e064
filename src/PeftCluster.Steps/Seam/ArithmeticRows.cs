using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Seam;

/// <summary>Rows to go with <see cref="ArithmeticSource"/>: of uneven lengths, the last third of each labelled.</summary>
/// <param name="count">How many.</param>
public sealed class ArithmeticRows(int count) : IRowIndex
{
    public int Count => count;

    public int Length(int row) => 6 + row * 13 % 41;

    public int Labels(int row) => Length(row) / 3;
}
