using PeftCluster.Data.Prepared;

namespace PeftCluster.Server.Node;

/// <summary>Where a node looks for what a job needs, and keeps what it fetched.</summary>
public sealed record NodeFolders
{
    /// <summary>Prepared data, fetched base models, known hashes.</summary>
    public string Cache { get; init; } = CacheFolder.Default();

    /// <summary>A folder of base models, each in a folder of its name; or null.</summary>
    public string? Models { get; init; }

    /// <summary>Folders whose plugins this node may run; none: it runs nobody's code.</summary>
    public IReadOnlyList<string> Plugins { get; init; } = [];

    /// <summary>The Hugging Face cache.</summary>
    public string Hub { get; init; } = HubFolder.Default(Environment.GetEnvironmentVariable);
}
