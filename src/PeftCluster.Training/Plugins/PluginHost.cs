using System.Text.RegularExpressions;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Plugins;

/// <summary>
/// Opens the plugins of a job: on a user's machine from the paths that the job names, on a worker node from folders that its operator
/// allowed, and within a process that has them loaded from there. Code never comes over the network.
/// </summary>
public sealed partial class PluginHost : IPluginHost
{
    private readonly Func<PluginReference, (LoadedPlugin Plugin, string Sha256)> _open;

    private PluginHost(Func<PluginReference, (LoadedPlugin, string)> open) => _open = open;

    /// <summary>From the paths that the job names.</summary>
    public static PluginHost OfPaths { get; } = new(plugin => Load(plugin, plugin.Path, "Build it again from the same sources, or take its sha256 out of the job."));

    /// <summary>Those that this process has loaded, by their hashes.</summary>
    public static PluginHost OfProcess { get; } = new(plugin => plugin.Sha256 is { } sha256 && LoadedPlugin.Of(sha256) is { } loaded
        ? (loaded, sha256)
        : throw new BadInputException($"{plugin.Path}: was not opened in this process."));

    /// <summary>From folders on this machine, by file name, each held to the job's hash: what a worker node does.</summary>
    /// <param name="folders">Those that the node's operator allowed; may be none.</param>
    public static PluginHost OfFolders(IReadOnlyList<string> folders) => new(plugin =>
    {
        if (folders.Count == 0)
            throw new BadInputException($"{plugin.FileName}: this node takes no plugins. Start it with --plugins FOLDER, and put the file there.");
        if (plugin.Sha256 is null)
            throw new BadInputException($"{plugin.FileName}: the job does not say its hash, so this node cannot know that its own is the same. Submit it with peft train.");
        var path = folders.Select(folder => Path.Combine(folder, plugin.FileName)).FirstOrDefault(File.Exists)
            ?? throw new BadInputException($"{plugin.FileName}: is not in this node's folder of plugins, {string.Join(", ", folders)}. Copy the file there.");
        return Load(plugin, path, "Copy the same file to both.");
    });

    /// <exception cref="BadInputException">A plugin is not there, cannot be used, has another hash than the job says, or uses a name that is taken.</exception>
    public PluginWords Open(IReadOnlyList<PluginReference> plugins)
    {
        var opened = plugins.Select(plugin => (Reference: plugin, Opened: _open(plugin))).ToList();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (_, (plugin, _)) in opened)
            Take(plugin, names);
        return new PluginWords(
            [.. opened.Select(one => one.Reference with { Sha256 = one.Opened.Sha256 })],
            opened.SelectMany(one => one.Opened.Plugin.Methods).ToDictionary(method => method.Key, method => method.Value.Spec),
            opened.SelectMany(one => one.Opened.Plugin.Losses).ToDictionary(loss => loss.Key, loss => loss.Value.Spec),
            [.. opened.SelectMany(one => one.Opened.Plugin.Metrics.Keys)]);
    }

    private static (LoadedPlugin, string) Load(PluginReference plugin, string path, string remedy)
    {
        var file = PluginFile.Read(path);
        return plugin.Sha256 is { } wanted && wanted != file.Sha256
            ? throw new BadInputException($"{path}: has sha {file.Sha256[..8]}…, this job's has {wanted[..8]}…. {remedy}")
            : (LoadedPlugin.Of(file), file.Sha256);
    }

    private static void Take(LoadedPlugin plugin, Dictionary<string, string> names)
    {
        foreach (var (word, name) in plugin.Methods.Keys.Select(name => ("method", name))
            .Concat(plugin.Losses.Keys.Select(name => ("loss", name))).Concat(plugin.Metrics.Keys.Select(name => ("metric", name))))
        {
            if (!PlainName().IsMatch(name))
                throw new BadInputException($"{plugin.Name}: \"{name}\" is no name of a {word}. Names are lower-case letters, digits and underscores.");
            if (word == "method" && MethodRegistry.Records.ContainsKey(name))
                throw new BadInputException($"{plugin.Name}: has a method {name}, and one of that name is built in. Give it another name.");
            if (word == "metric" && BuiltInMetrics.Contains(name))
                throw new BadInputException($"{plugin.Name}: has a metric {name}, and that is measured without it. Give it another name.");
            if (!names.TryAdd($"{word} {name}", plugin.Name))
                throw new BadInputException($"{names[$"{word} {name}"]} and {plugin.Name} both have a {word} {name}. Leave one of the two out of the job.");
        }
        if (plugin.Methods.Values.FirstOrDefault(method => PeftMethods.BuiltIn.Any(known => known.PeftType == method.PeftType)) is { } second)
            throw new BadInputException($"{plugin.Name}: its method writes adapters of peft_type {second.PeftType}, which is built in. Give it another one.");
    }

    private static readonly string[] BuiltInMetrics = ["loss", "exact_match", "prompt_tokens", "rows", "macro_f1", .. EvaluationSpec.BuiltInMetrics];

    [GeneratedRegex("^[a-z][a-z0-9_]{0,49}$")]
    private static partial Regex PlainName();
}
