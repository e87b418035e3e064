using PeftCluster.Training.Evaluation;

namespace ExamplePlugin;

/// <summary>1 − (Levenshtein's distance ÷ the longer text's length): 1 for equal texts, 0 for texts that have nothing in common.</summary>
public sealed class EditSimilarity : IMetric
{
    public string Name => "edit_similarity";

    public double Of(MeasuredAnswer answer)
    {
        var (left, right) = (answer.Answer.Trim(), answer.Expected.Trim());
        return Math.Max(left.Length, right.Length) is > 0 and var longer ? 1 - (double)Distance(left, right) / longer : 1;
    }

    // One row of the table at a time.
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        foreach (var (line, character) in left.Index())
        {
            var corner = row[0];
            row[0] = line + 1;
            for (var column = 1; column <= right.Length; column++)
                (corner, row[column]) = (row[column], Math.Min(Math.Min(row[column], row[column - 1]) + 1, corner + (character == right[column - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
