namespace PeftCluster.Quickstart;

/// <summary>The committed folder examples/quickstart, found from the test's own place upwards.</summary>
internal static class QuickstartFolder
{
    public static string Path { get; } = Find();

    public static string Base => System.IO.Path.Combine(Path, "base");

    public static string File(string name) => System.IO.Path.Combine(Path, name);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "examples", "quickstart");
            if (System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "PeftCluster.sln")))
                return candidate;
        }
        throw new DirectoryNotFoundException("no folder above the tests holds PeftCluster.sln");
    }
}
