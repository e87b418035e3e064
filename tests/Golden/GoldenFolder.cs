using System.Runtime.CompilerServices;

namespace PeftCluster.Golden;

/// <summary>
/// Numbers and texts that other implementations computed (models/, tokenizers/): the folder that PEFTCLUSTER_GOLDEN
/// names, else the committed copy beside the tests. Linked into each test project that compares with them.
/// </summary>
internal static class GoldenFolder
{
    /// <summary>Whether somebody named a folder: then it may hold less, and what it holds is what is checked.</summary>
    public static bool IsChosen => Chosen is { Length: > 0 };

    public static string Root { get; } = Chosen is { Length: > 0 } chosen ? Path.GetFullPath(chosen) : Committed();

    /// <summary>Folders below a part of the golden cases, sorted; none where the part is missing.</summary>
    public static IEnumerable<string> Cases(string part)
    {
        var folder = Path.Combine(Root, part);
        return Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal) : [];
    }

    private static string? Chosen => Environment.GetEnvironmentVariable("PEFTCLUSTER_GOLDEN");

    private static string Committed([CallerFilePath] string self = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(self)!, "..", "golden"));
}
