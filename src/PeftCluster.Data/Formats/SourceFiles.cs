using Microsoft.Extensions.FileSystemGlobbing;
using PeftCluster.Data.Formats.Containers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>An entry of data.train or data.eval with the files that it means here, in the order in which they are read.</summary>
internal sealed record SourceFiles(DataSource Source, IReadOnlyList<string> Files)
{
    private const int DeepestFolder = 32;

    /// <summary>Finds the files of each entry.</summary>
    /// <exception cref="BadInputException">An entry has none, or a folder cannot be read.</exception>
    public static IReadOnlyList<SourceFiles> Of(DataSources sources) => [.. sources.Entries.Select(source => new SourceFiles(source, FilesOf(source)))];

    private static List<string> FilesOf(DataSource source)
    {
        try
        {
            if (Directory.Exists(source.Path))
                return InFolder(source.Path);
            return source.IsPattern ? Matching(source.Path) : [source.Path];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw DataFile.Unreadable(source.Path, unreadable);
        }
    }

    private static List<string> InFolder(string folder)
    {
        // Hidden files and folders are passed over: they are other programs' own.
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = DeepestFolder };
        var files = Directory.EnumerateFiles(folder, "*", options).Where(path => FileEnding.IsData(path)).ToList();
        return files.Count > 0
            ? InOrder(folder, files)
            : throw new BadInputException($"{folder}: the folder has no data files. Their names end in .jsonl, .json, .csv, .tsv or .parquet, or in one of these and .gz or .zst.");
    }

    private static List<string> Matching(string pattern)
    {
        // The folder is what stands before the first part with an asterisk.
        var firstStar = pattern.IndexOf('*', StringComparison.Ordinal);
        var folder = pattern[..Math.Max(1, pattern.LastIndexOfAny([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], firstStar))];
        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(Path.GetRelativePath(folder, pattern));
        var files = Directory.Exists(folder) ? matcher.GetResultsInFullPath(folder).Where(path => !IsHidden(folder, path)).ToList() : [];
        return files.Count > 0
            ? InOrder(folder, files)
            : throw new BadInputException($"{pattern}: no file has such a name. An asterisk stands for any letters of a name, ** for any folders.");
    }

    private static bool IsHidden(string folder, string path) =>
        Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Any(part => part.StartsWith('.'));

    /// <summary>By the names below the folder, code unit by code unit: the same on every machine.</summary>
    private static List<string> InOrder(string folder, IEnumerable<string> files) =>
        [.. files.OrderBy(path => Path.GetRelativePath(folder, path).Replace('\\', '/'), StringComparer.Ordinal)];
}
