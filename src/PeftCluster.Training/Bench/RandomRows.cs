using PeftCluster.Data.Prepared;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Training.Bench;

/// <summary>Rows of one length, random tokens, no prompt: every token but the first has a label, as in transformers with labels = input_ids.</summary>
internal sealed class RandomRows : ITokenRows
{
    private readonly int[][] _rows;

    public RandomRows(int rows, int length, int vocabulary, long seed)
    {
        var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues);
        _rows = [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, length).Select(_ => random.NextBelow(vocabulary)).ToArray())];
    }

    public int Count => _rows.Length;

    public int Length(int row) => _rows[row].Length;

    public int Labels(int row) => _rows[row].Length - 1;

    public ReadOnlySpan<int> Tokens(int row) => _rows[row];

    public int PromptLength(int row) => 0;
}
