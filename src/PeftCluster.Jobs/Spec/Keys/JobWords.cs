using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>The names that one job may use: those that are built in, and those of its plugins.</summary>
/// <param name="Methods">Records by <c>method.type</c>.</param>
/// <param name="Losses">Records by <c>training.loss.type</c>.</param>
/// <param name="Metrics">Words of <c>evaluation.metrics</c>.</param>
/// <param name="KeepsUnknown">The job has plugins and nobody here opens them: names that are not known are kept as they are.</param>
internal sealed record JobWords(
    IReadOnlyDictionary<string, Type> Methods, IReadOnlyDictionary<string, Type> Losses, IReadOnlyCollection<string> Metrics, bool KeepsUnknown = false)
{
    private const string Key = "plugins";

    public static JobWords BuiltIn { get; } = new(MethodRegistry.Records, new Dictionary<string, Type>(), []);

    /// <summary>The words of a job that was not read yet, and its tree with the hashes of its plugins.</summary>
    /// <exception cref="BadInputException">A plugin cannot be used.</exception>
    public static (JobWords Words, MapNode Root) Of(MapNode root, string currentFolder, IPluginHost? host)
    {
        var key = JobKeys.Root.Keys.First(one => one.Name == Key);
        if (root.Get(Key) is not { } node || key.Read(node, Key, new ReadingContext(currentFolder, BuiltIn)) is not ValueList<PluginReference> { Count: > 0 } plugins)
            return (BuiltIn, root);
        if (host is null)
            return (BuiltIn with { KeepsUnknown = true }, root);
        try
        {
            var opened = host.Open(plugins);
            foreach (var record in opened.Methods.Values.Concat(opened.Losses.Values))
                CheckRecord(record);
            var written = key.Type.Write(opened.Plugins) with { Place = node.Place };
            return (new JobWords(With(MethodRegistry.Records, opened.Methods), opened.Losses, opened.Metrics), root.With(new MapEntry(node.Place, Key, written)));
        }
        catch (BadInputException refused)
        {
            throw node.Place.Error(Key, refused.Message, refused);
        }
    }

    private static SortedDictionary<string, Type> With(IReadOnlyDictionary<string, Type> builtIn, IReadOnlyDictionary<string, Type> added) =>
        new(builtIn.Concat(added).ToDictionary(), StringComparer.Ordinal);

    /// <summary>A plugin's record is read as ours are, so it has to be written as they are.</summary>
    private static void CheckRecord(Type record)
    {
        try
        {
            _ = SectionType.Of(record);
        }
        catch (Exception unfit) when (unfit is InvalidOperationException or MemberAccessException or System.Reflection.TargetInvocationException)
        {
            throw new BadInputException(
                $"{record.Assembly.GetName().Name}: the keys of its record {record.Name} cannot be read: {(unfit.InnerException ?? unfit).Message.TrimEnd('.')}. A record has a constructor without parameters, and each key the attributes of its kind.", unfit);
        }
    }
}
