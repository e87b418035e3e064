using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Tests.Plan;

/// <summary>Rows with answer choices, several wordings of each example: of uneven lengths, told by example and wording.</summary>
/// <param name="examples">How many examples.</param>
/// <param name="variants">Wordings of each.</param>
internal sealed class WordedRows(int examples, int variants) : IRowIndex
{
    public int Count => examples * variants;

    public int Variants => variants;

    public bool HasChoices => true;

    public int Length(int row) => 5 + row * 13 % 41;

    public int Labels(int row) => 1 + row % 3;

    public int WrongLabels(int row) => 2 + row % 5;
}
