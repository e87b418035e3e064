namespace PeftCluster.Data.Prepared;

/// <summary>The parts of a row that a question and its answer are.</summary>
public static class RowParts
{
    /// <summary>What stands before the answer.</summary>
    public static ReadOnlySpan<int> Prompt(this ITokenRows rows, int row) => rows.Tokens(row)[..rows.PromptLength(row)];

    /// <summary>The last answer, which is what follows the prompt: completion and token of end; of choices the right one. What stands behind it (a user's last word) is none of it.</summary>
    public static ReadOnlySpan<int> Completion(this ITokenRows rows, int row) => rows.Choice(row, rows.RightChoice(row) ?? rows.Labelled(row).Length - 1);

    /// <summary>An answer choice with its token of end.</summary>
    public static ReadOnlySpan<int> Choice(this ITokenRows rows, int row, int choice)
    {
        var (start, end) = rows.Labelled(row)[choice];
        return rows.Tokens(row)[start..end];
    }
}
