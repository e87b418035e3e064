using System.Globalization;
using System.Text;

namespace PeftCluster.Server.Chaos;

/// <summary>The results of a matrix as a Markdown table with the machine and the day, as docs/reliability.md has it.</summary>
public static class ReliabilityTable
{
    /// <summary>Writes the table.</summary>
    /// <param name="results">The rows.</param>
    /// <param name="build">The product's version.</param>
    /// <param name="seed">The matrix's seed.</param>
    /// <param name="now">The day.</param>
    public static string Of(IReadOnlyList<ChaosResult> results, string build, long seed, DateTimeOffset now)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"peft {build}, seed {seed}, {now:yyyy-MM-dd}, {Environment.ProcessorCount} cores, {System.Runtime.InteropServices.RuntimeInformation.OSDescription.Trim()}.\n\n");
        text.Append("| fault | strikes at | held | recovery | how it ended |\n|---|---|---|---:|---|\n");
        foreach (var result in results)
            text.Append(CultureInfo.InvariantCulture,
                $"| {Cell(result.Fault)} | {Cell(result.Point)} | {Held(result)} | {(result.RecoveryMs is { } milliseconds ? $"{milliseconds:0} ms" : "–")} | {Cell(result.Note)} |\n");
        return text.ToString();
    }

    /// <summary>
    /// Puts a table between its source's marks in a document, <c>peft chaos: begin</c> for the made-up arithmetic and <c>peft chaos --source real: begin</c> for a model, each in an
    /// HTML comment; a file that is not there, or has no such marks, becomes the table alone.
    /// </summary>
    public static void Put(string path, string table, string source)
    {
        var command = source == "arithmetic" ? "peft chaos" : $"peft chaos --source {source}";
        var (first, last) = ($"<!-- {command}: begin -->", $"<!-- {command}: end -->");
        var document = File.Exists(path) ? File.ReadAllText(path) : "";
        var (begin, end) = (document.IndexOf(first, StringComparison.Ordinal), document.IndexOf(last, StringComparison.Ordinal));
        File.WriteAllText(path, begin >= 0 && end > begin ? $"{document[..(begin + first.Length)]}\n\n{table}\n{document[end..]}" : table);
    }

    private static string Held(ChaosResult result) => result.Unavailable ? "unavailable" : result.Passed ? "yes" : result.Fired ? "**no**" : "**never struck**";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
