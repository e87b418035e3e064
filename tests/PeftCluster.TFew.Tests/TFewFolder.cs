using PeftCluster.Tests;

namespace PeftCluster.TFew;

/// <summary>The committed folder examples/t-few.</summary>
internal static class TFewFolder
{
    public static string Path { get; } = System.IO.Path.Combine(GoldenFolder.Repository(), "examples", "t-few");

    public static string Base => System.IO.Path.Combine(Path, "base");

    public static string Text(params ReadOnlySpan<string> name) => File.ReadAllText(System.IO.Path.Combine([Path, .. name]));
}
