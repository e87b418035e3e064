using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Node;

/// <summary>
/// The cache of Hugging Face's own tools: <c>models--ORG--NAME/refs/main</c> holds a revision, <c>models--ORG--NAME/snapshots/REVISION</c> the
/// model's files (links, mostly). It is only read.
/// </summary>
internal static class HubFolder
{
    private const string Prefix = "models--";

    /// <summary>HF_HUB_CACHE, else HF_HOME/hub, else XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub.</summary>
    public static string Default(Func<string, string?> variable)
    {
        string? Of(string name) => variable(name) is { Length: > 0 } value ? Path.GetFullPath(value) : null;
        if (Of("HF_HUB_CACHE") is { } hub)
            return hub;
        var cache = Of("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(Of("HF_HOME") ?? Path.Combine(cache, "huggingface"), "hub");
    }

    /// <summary>
    /// The snapshot of a model, or null. The model is a path of any machine: one into such a cache names repository and revision, of any other
    /// the last two parts are taken as ORG/NAME.
    /// </summary>
    public static string? Find(string hub, string model)
    {
        var (repository, revision) = Named(model);
        if (repository is null)
            return null;
        var folder = Path.Combine(hub, repository);
        return new[] { revision, Main(folder) }
            .OfType<string>()
            .Where(ContentName.IsFileName)
            .Select(name => Path.Combine(folder, "snapshots", name))
            .FirstOrDefault(Directory.Exists);
    }

    /// <summary>The model's folder on this machine: as given, or its snapshot in the cache; as given where it is in neither, so that whoever reads it says so.</summary>
    public static string Here(string hub, string model) => Directory.Exists(model) ? model : Find(hub, model) ?? model;

    /// <summary>The model's own name, for people and for a folder of models: NAME of the repository, else the path's last part.</summary>
    public static string NameOf(string model)
    {
        var parts = Parts(model);
        var repository = parts.LastOrDefault(part => part.StartsWith(Prefix, StringComparison.Ordinal));
        return repository is null ? parts.LastOrDefault() ?? "" : repository[(repository.LastIndexOf("--", StringComparison.Ordinal) + 2)..];
    }

    private static (string? Repository, string? Revision) Named(string model)
    {
        var parts = Parts(model);
        var at = Array.FindLastIndex(parts, part => part.StartsWith(Prefix, StringComparison.Ordinal));
        if (at >= 0)
            return (parts[at], at + 2 < parts.Length && parts[at + 1] == "snapshots" ? parts[at + 2] : null);
        return parts.Length < 2 ? (null, null) : ($"{Prefix}{parts[^2]}--{parts[^1]}", null);
    }

    private static string[] Parts(string model) => model.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries);

    private static string? Main(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "refs", "main")).Trim();
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
