using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>Where rows come from: a path, <c>{path, weight, epochs}</c>, or a list of both.</summary>
internal sealed class SourcesType : KeyType
{
    private const int MostEntries = 1024;

    private static readonly PathType PathOnly = new();

    private static SectionType Entry => SectionType.Of(typeof(DataSource));

    public override string Kind => "a path, or a list of paths or {path, weight, epochs}";

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not ListNode list)
            return new DataSources([ReadEntry(node, key, context)]);
        if (list.Items.Count is 0 or > MostEntries)
            throw node.Place.Error(key, $"{list.Items.Count} items; 1 to {MostEntries} are allowed.");
        var entries = new List<DataSource>();
        foreach (var (index, item) in list.Items.Index())
        {
            var entry = ReadEntry(item, $"{key}[{index}]", context);
            if (entries.Any(one => one.Path == entry.Path))
                throw item.Place.Error(key, $"{entry.Path} stands twice. Write it once, with epochs: 2.");
            entries.Add(entry);
        }
        if (entries.Any(one => one.Weight is not null) && entries.FindIndex(one => one.Weight is null) is >= 0 and var without)
            throw list.Items[without].Place.Error($"{key}[{without}].weight", "missing: other entries have a weight, and shares need one of each. Add it, or use epochs instead of weights.");
        return new DataSources(new ValueList<DataSource>(entries));
    }

    public override YamlNode Write(object value) => ((DataSources)value).Entries is [var one]
        ? WriteEntry(one)
        : new ListNode(default, [.. ((DataSources)value).Entries.Select(WriteEntry)]);

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new()
    {
        ["oneOf"] = new JsonArray(PathOnly.Schema(describe), Entry.Schema(describe), new JsonObject
        {
            ["type"] = "array",
            ["items"] = new JsonObject { ["oneOf"] = new JsonArray(PathOnly.Schema(describe), Entry.Schema(describe)) },
            ["minItems"] = 1,
            ["maxItems"] = MostEntries,
        }),
    };

    private DataSource ReadEntry(YamlNode node, string key, ReadingContext context)
    {
        if (node is ListNode or ScalarNode { Text.Length: 0 } or ScalarNode { IsNull: true })
            throw Unexpected(node, key);
        if (node is not MapNode map)
            return new DataSource { Path = (string)PathOnly.Read(node, key, context) };
        var entry = (DataSource)Entry.Read(map, key, context);
        return entry is { Weight: not null, Epochs: not null }
            ? throw map.Place.Error($"{key}.epochs", "weight says how often its rows are taken. Remove one of the two.")
            : entry;
    }

    private static YamlNode WriteEntry(DataSource entry) => entry.IsPlain
        ? PathOnly.Write(entry.Path)
        : Entry.Write(entry, (key, owner) => key.Property.GetValue(owner) is not null);
}
