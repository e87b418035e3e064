namespace PeftCluster.Cli.Rendering;

/// <summary>Rows whose columns stand under each other, two spaces apart; nothing is broken or cut.</summary>
internal static class Columns
{
    /// <param name="output">Where the lines go.</param>
    /// <param name="rows">Cells of equal count; the first row is the heading.</param>
    /// <param name="right">Columns that end under each other, as numbers do.</param>
    public static void Write(TextWriter output, IReadOnlyList<string[]> rows, params IReadOnlyCollection<int> right)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => right.Contains(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }
}
