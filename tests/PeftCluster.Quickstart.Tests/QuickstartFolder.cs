using PeftCluster.Tests;

namespace PeftCluster.Quickstart;

/// <summary>The committed folder examples/quickstart.</summary>
internal static class QuickstartFolder
{
    public static string Path { get; } = System.IO.Path.Combine(GoldenFolder.Repository(), "examples", "quickstart");

    public static string Base => System.IO.Path.Combine(Path, "base");

    public static string File(string name) => System.IO.Path.Combine(Path, name);
}
