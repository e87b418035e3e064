using System.Reflection;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Plugins;

/// <summary>
/// A plugin that this process has loaded, and what is in it. An assembly stays as long as its process, so the ones that were loaded are the
/// process's: by content, whatever path they came from. A record's type belongs to one of them for ever, so nobody can take one for another.
/// </summary>
internal sealed class LoadedPlugin
{
    private static readonly Dictionary<string, LoadedPlugin> BySha256 = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();

    private LoadedPlugin(PluginFile file)
    {
        Name = file.Name;
        var registration = Registration(file);
        (Methods, Losses, Metrics) = Run(file, () => (
            ByName(file, "methods", registration.Methods, method => NameOf<MethodSpec>(method.Spec, spec => spec.Type)),
            ByName(file, "losses", registration.Losses, loss => NameOf<LossSpec>(loss.Spec, spec => spec.Type)),
            ByName(file, "metrics", registration.Metrics, metric => metric.Name)));
    }

    /// <summary>The assembly's name.</summary>
    public string Name { get; }

    public IReadOnlyDictionary<string, PeftMethod> Methods { get; }

    public IReadOnlyDictionary<string, TokenLoss> Losses { get; }

    public IReadOnlyDictionary<string, IMetric> Metrics { get; }

    /// <summary>Those of this process.</summary>
    public static IReadOnlyList<LoadedPlugin> All
    {
        get
        {
            lock (Gate)
                return [.. BySha256.Values];
        }
    }

    /// <summary>Loads a plugin, once.</summary>
    /// <exception cref="BadInputException">It has no registration, or fails while it is loaded.</exception>
    public static LoadedPlugin Of(PluginFile file)
    {
        lock (Gate)
            return BySha256.TryGetValue(file.Sha256, out var known) ? known : BySha256[file.Sha256] = new LoadedPlugin(file);
    }

    /// <summary>A plugin that was loaded before, or null.</summary>
    public static LoadedPlugin? Of(string sha256)
    {
        lock (Gate)
            return BySha256.GetValueOrDefault(sha256);
    }

    private static IPlugin Registration(PluginFile file)
    {
        var found = Run(file, () => new PluginContext(file).LoadPlugin().GetExportedTypes()
            .Where(type => type.IsAssignableTo(typeof(IPlugin)) && type is { IsAbstract: false, IsInterface: false }).ToList());
        if (found is not [var type])
            throw new BadInputException(found.Count == 0
                ? $"{file.Path}: has no public class that is an {nameof(IPlugin)}, so nothing says what is in it. Add one."
                : $"{file.Path}: has {found.Count} classes that are an {nameof(IPlugin)}: {string.Join(", ", found.Select(one => one.Name))}. Keep one.");
        if (type.GetConstructor([]) is null)
            throw new BadInputException($"{file.Path}: {type.Name} has no public constructor without parameters, so it cannot be made. Add one.");
        return Run(file, () => (IPlugin)Activator.CreateInstance(type)!);
    }

    private static Dictionary<string, T> ByName<T>(PluginFile file, string what, IReadOnlyList<T> all, Func<T, string> name)
    {
        var named = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var one in all)
        {
            if (!named.TryAdd(name(one), one))
                throw new BadInputException($"{file.Path}: two of its {what} are named {name(one)}. Give one another name.");
        }
        return named;
    }

    private static string NameOf<T>(Type record, Func<T, string> name) => name((T)Activator.CreateInstance(record)!);

    /// <summary>Runs what is the plugin's own code; what goes wrong in there is one line.</summary>
    private static T Run<T>(PluginFile file, Func<T> code)
    {
        try
        {
            return code();
        }
        catch (Exception failed) when (failed is not BadInputException)
        {
            var cause = failed switch
            {
                TargetInvocationException { InnerException: { } inner } => inner,
                ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } => first,
                _ => failed,
            };
            var line = $"{file.Path}: {cause.GetType().Name} while it was loaded: {cause.Message.ReplaceLineEndings(" ").TrimEnd('.')}.";
            throw new BadInputException(cause is TypeLoadException or MissingMemberException or FileNotFoundException or FileLoadException
                ? $"{line} Build it again against this program's assemblies."
                : $"{line} What it does when it is made must not fail.", failed);
        }
    }
}
