using System.Runtime.CompilerServices;

namespace PeftCluster.Cli.Tests;

/// <summary>
/// Text that is pinned in a file under Snapshots/. PEFTCLUSTER_UPDATE_SNAPSHOTS=1 writes the files again; the difference is
/// then read like any other change.
/// </summary>
internal static class Snapshot
{
    public static void Matches(string name, string text) => Matches(name, text, Folder());

    /// <summary>As the other, in a folder that a test of another project has for them.</summary>
    public static void Matches(string name, string text, string folder)
    {
        var path = Path.Combine(folder, $"{name}.txt");
        var lines = string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()));
        if (Environment.GetEnvironmentVariable("PEFTCLUSTER_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(path, lines);
        Assert.True(File.Exists(path), $"{path} does not exist; PEFTCLUSTER_UPDATE_SNAPSHOTS=1 writes it.");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), lines);
    }

    private static string Folder([CallerFilePath] string self = "") => Path.Combine(Path.GetDirectoryName(self)!, "Snapshots");
}
