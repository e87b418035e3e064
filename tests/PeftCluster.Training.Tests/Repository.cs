namespace PeftCluster.Training.Tests;

/// <summary>Files of the repository that tests read.</summary>
internal static class Repository
{
    /// <summary>A file by its path from the root.</summary>
    public static string File(params ReadOnlySpan<string> path)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(root.FullName, "PeftCluster.sln")))
            root = root.Parent ?? throw new InvalidOperationException("the tests do not run inside the repository");
        return Path.Combine([root.FullName, .. path]);
    }
}
