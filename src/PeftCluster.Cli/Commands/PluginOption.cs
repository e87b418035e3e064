using System.CommandLine;
using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Cli.Commands;

/// <summary><c>--plugin FILE</c>, for commands that read no job and still need a plugin's method.</summary>
internal sealed class PluginOption
{
    public Option<string[]> Files { get; } = new("--plugin")
    {
        Description = "A plugin whose method is meant. May be repeated.",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    /// <summary>The plugins as a job would name them.</summary>
    public IReadOnlyList<PluginReference> References(ParseResult parsed) =>
        [.. parsed.GetRequiredValue(Files).Select(path => new PluginReference { Path = Path.GetFullPath(path) }).Distinct()];

    /// <summary>Loads them into this process.</summary>
    /// <exception cref="Jobs.BadInputException">One of them cannot be used.</exception>
    public void Open(ParseResult parsed)
    {
        if (References(parsed) is { Count: > 0 } plugins)
            PluginHost.OfPaths.Open(plugins);
    }
}
