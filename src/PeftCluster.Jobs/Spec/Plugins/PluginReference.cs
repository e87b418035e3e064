using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec.Plugins;

/// <summary>A plugin that a job names: a class library with methods, losses or metrics of its user's own.</summary>
public sealed record PluginReference
{
    /// <summary>The assembly's path.</summary>
    [LocalPath, Example("plugin.dll")]
    public required string Path { get; init; }

    /// <summary>SHA-256 of its content, or null: any. Whoever opens it fills it in, and from then on it is held to.</summary>
    [Pattern("^[0-9a-f]{64}$", "64 lower-case hexadecimal digits")]
    public string? Sha256 { get; init; }

    /// <summary>The file's name, wherever the path was written.</summary>
    public string FileName => Path[(Path.LastIndexOfAny(['/', '\\']) + 1)..];

    public override string ToString() => Path;
}
