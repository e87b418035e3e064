using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Tests.Plan;

/// <summary>Rows of given lengths; all tokens but the first carry labels.</summary>
internal sealed class ListedRows(int[] lengths) : IRowIndex
{
    public int Count => lengths.Length;

    public int Length(int row) => lengths[row];

    public int Labels(int row) => lengths[row] - 1;
}
