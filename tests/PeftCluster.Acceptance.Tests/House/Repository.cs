using System.Runtime.CompilerServices;

namespace PeftCluster.Acceptance.Tests.House;

/// <summary>The checkout that the tests were built from: found from this file's own path, so no test depends on the current folder.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "artifacts"));

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string Find([CallerFilePath] string self = "")
    {
        var folder = Path.GetDirectoryName(self);
        while (folder is not null && !File.Exists(Path.Combine(folder, "PeftCluster.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No PeftCluster.sln above {self}.");
    }
}
