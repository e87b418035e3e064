namespace PeftCluster.Tests;

/// <summary>
/// Where the golden cases lie: the folder that PEFTCLUSTER_GOLDEN names (models/, tokenizers/, extra/), else the
/// committed copy beside this file. Test projects link this file in.
/// </summary>
internal static class GoldenFolder
{
    /// <summary>The folder that holds models/, tokenizers/ and extra/.</summary>
    public static string Root { get; } = Environment.GetEnvironmentVariable("PEFTCLUSTER_GOLDEN") is { Length: > 0 } chosen
        ? Path.GetFullPath(chosen)
        : Path.Combine(Repository(), "tests", "golden");

    /// <summary>A path inside the folder.</summary>
    public static string Of(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>The repository that the tests run in.</summary>
    public static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PeftCluster.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("the tests do not run inside the repository");
        return folder.FullName;
    }
}
