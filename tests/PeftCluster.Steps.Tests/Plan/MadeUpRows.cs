using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Tests.Plan;

/// <summary>Rows of lengths 5 to 49, a third of each labelled.</summary>
internal sealed class MadeUpRows(int count, bool labelled = true) : IRowIndex
{
    public int Count => count;

    public int Length(int row) => 5 + row * 7 % 45;

    public int Labels(int row) => labelled ? Length(row) / 3 : 0;
}
