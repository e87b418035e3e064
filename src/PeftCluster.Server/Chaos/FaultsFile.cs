using System.Globalization;
using System.Text.Json;
using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PeftCluster.Server.Chaos;

/// <summary>
/// Rows from a user's file (docs/reliability.md, Rows of your own): a list <c>rows</c>, each with its <c>fault</c>, what is planted in which process, how the
/// supervisor reacts and what must hold. Every mistake is one line with file, line and what is allowed.
/// </summary>
public static class FaultsFile
{
    private static readonly string[] _rowKeys = ["fault", "plant", "reaction", "seconds", "ends", "says", "nobody_is_moved", "audit_fraction", "workers", "within"];
    private static readonly string[] _faultKeys = ["point", "action", "at", "of", "skip", "times", "chance", "amount"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="BadInputException">It cannot be read, or says what no row can.</exception>
    public static IReadOnlyList<ChaosRow> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read ({unreadable.Message.TrimEnd('.')}). Name a file of rows, as docs/reliability.md shows one.", unreadable);
        }
    }

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="BadInputException">It says what no row can.</exception>
    public static IReadOnlyList<ChaosRow> Parse(string text, string path)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException wrong)
        {
            throw new BadInputException($"{path}:{wrong.Start.Line}: not valid YAML. {wrong.Message}", wrong);
        }
        if (yaml.Documents is not [{ RootNode: YamlMappingNode root }])
            throw new BadInputException($"{path}: no rows. Write one section, rows, with a list of them.");
        var section = new Section(root, path, ["rows"]);
        return section.Get("rows") is YamlSequenceNode { Children.Count: > 0 } rows
            ? [.. rows.Children.Select(row => Row(new Section(row, path, _rowKeys)))]
            : throw new BadInputException($"{path}: no rows. Write one section, rows, with a list of them.");
    }

    private static ChaosRow Row(Section row)
    {
        var planted = new Dictionary<string, IReadOnlyList<Fault>>();
        foreach (var (process, faults) in row.Sections("plant"))
            planted[process] = faults is YamlSequenceNode list ? [.. list.Children.Select(fault => Fault(row.Under(fault, _faultKeys)))] : throw row.Wrong(faults, $"plant.{process} is a list of faults");
        return new ChaosRow(row.Text("fault") ?? throw row.Wrong(row.Node, "a row needs a name: fault"))
        {
            Plant = planted,
            Reaction = row.Word("reaction", ChaosReaction.None),
            Seconds = row.Number("seconds", 10),
            Ends = row.Word("ends", EndReason.AllStepsDone),
            Says = row.Text("says") ?? "",
            NobodyIsMoved = row.Text("nobody_is_moved") == "true",
            AuditFraction = row.Number("audit_fraction", 0),
            Workers = (int)row.Number("workers", 2),
            Within = TimeSpan.FromSeconds(row.Number("within", 180)),
        };
    }

    private static Fault Fault(Section fault)
    {
        var point = fault.Text("point") ?? throw fault.Wrong(fault.Node, "a fault needs a point");
        if (!FaultPoint.All.Contains(point))
            throw fault.Wrong(fault.Node, $"no fault strikes at \"{point}\". Points are: {string.Join(", ", FaultPoint.All)}");
        if (fault.Text("action") is null)
            throw fault.Wrong(fault.Node, "a fault needs an action");
        return new Fault(point, fault.Word("action", FaultAction.Note), fault.Text("at") is null ? null : (int)fault.Number("at", 0), fault.Text("of") ?? "",
            (int)fault.Number("skip", 0), (int)fault.Number("times", 1), fault.Number("chance", 1), fault.Number("amount", 10));
    }

    /// <summary>A section of keys, each of which is known.</summary>
    private sealed class Section
    {
        private readonly YamlMappingNode _map;
        private readonly string _path;

        public Section(YamlNode node, string path, string[] keys)
        {
            (Node, _path) = (node, path);
            _map = node as YamlMappingNode ?? throw Wrong(node, $"a section with the keys {string.Join(", ", keys)} is expected here");
            foreach (var (key, _) in _map.Children)
                if (!keys.Contains((key as YamlScalarNode)?.Value))
                    throw Wrong(key, $"\"{key}\" is no key here. Keys are: {string.Join(", ", keys)}");
        }

        public YamlNode Node { get; }

        public Section Under(YamlNode node, string[] keys) => new(node, _path, keys);

        public YamlNode? Get(string key) => _map.Children.FirstOrDefault(entry => (entry.Key as YamlScalarNode)?.Value == key).Value;

        public string? Text(string key) => Get(key) switch
        {
            null => null,
            YamlScalarNode scalar => scalar.Value,
            var other => throw Wrong(other, $"{key} is one word or number"),
        };

        public double Number(string key, double usual) => Text(key) is not { } text ? usual
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1e6 ? number
            : throw Wrong(Get(key)!, $"{key}: {text} is no number of 0 to 1000000");

        public T Word<T>(string key, T usual)
            where T : struct, Enum
        {
            if (Text(key) is not { } text)
                return usual;
            foreach (var value in Enum.GetValues<T>())
                if (NameOf(value) == text)
                    return value;
            throw Wrong(Get(key)!, $"{key}: \"{text}\" is unknown. Write one of: {string.Join(", ", Enum.GetValues<T>().Select(NameOf))}");
        }

        public IEnumerable<(string Name, YamlNode Value)> Sections(string key) => Get(key) switch
        {
            null => [],
            YamlMappingNode map => map.Children.Select(entry => (((YamlScalarNode)entry.Key).Value ?? "", entry.Value)),
            var other => throw Wrong(other, $"{key} names processes: coordinator, worker1, workers, coordinator#2"),
        };

        public BadInputException Wrong(YamlNode at, string what) => new($"{_path}:{at.Start.Line}: {what}.");

        private static string NameOf<T>(T value)
            where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
    }
}
