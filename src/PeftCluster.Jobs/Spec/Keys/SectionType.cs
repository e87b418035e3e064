using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>
/// A record whose properties are keys: those with an init accessor, in the order they are declared. Reading refuses
/// unknown keys, then reads the known ones in that order, so the first error of a file is always the same one.
/// </summary>
internal sealed class SectionType : KeyType
{
    private static readonly ConcurrentDictionary<Type, SectionType> Known = new();

    private readonly Type _record;

    private SectionType(Type record)
    {
        _record = record;
        var example = Activator.CreateInstance(record)!;
        Keys = [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(property => property.CanWrite)
            .Select(property => new KeyInfo(property, example))];
    }

    public IReadOnlyList<KeyInfo> Keys { get; }

    public override string Kind => "a section of keys";

    public static SectionType Of(Type record) => Known.GetOrAdd(record, type => new SectionType(type));

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not MapNode map)
            throw Unexpected(node, key);
        foreach (var entry in map.Entries)
            CheckKnown(entry, key);
        var record = Activator.CreateInstance(_record)!;
        foreach (var known in Keys)
        {
            var full = Join(key, known.Name);
            if (map.Get(known.Name) is { } value)
                known.Property.SetValue(record, known.Read(value, full, context));
            else if (known.Required)
                throw map.Place.Error(full, $"missing. Every job needs it, for example {known.Name}: {known.Example}");
        }
        return record;
    }

    public override YamlNode Write(object value) => Write(value, keep: (_, _) => true);

    /// <summary>The section with only the keys that <paramref name="keep"/> takes, here and below.</summary>
    public MapNode Write(object record, Func<KeyInfo, object, bool> keep) => new(default, [.. Keys.Where(key => keep(key, record)).Select(key =>
        new MapEntry(default, key.Name, key switch
        {
            { Type: SectionType section } when key.Property.GetValue(record) is { } inner => section.Write(inner, keep),
            { Type: PickedType } when key.Property.GetValue(record) is { } picked => PickedType.Write(picked, keep),
            _ => key.Write(record),
        }))]);

    public override JsonObject Schema(Func<MemberInfo, string> describe)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject(Keys.Select(key => KeyValuePair.Create(key.Name, (JsonNode?)key.Schema(describe)))),
        };
        if (Keys.Any(key => key.Required))
            schema["required"] = new JsonArray([.. Keys.Where(key => key.Required).Select(key => JsonValue.Create(key.Name))]);
        return schema;
    }

    internal static string Join(string section, string key) => section.Length == 0 ? key : $"{section}.{key}";

    private void CheckKnown(MapEntry entry, string section)
    {
        if (Keys.Any(key => key.Name == entry.Key))
            return;
        var hint = Nearest.Hint(entry.Key, Keys.Select(key => key.Name));
        if (hint.Length == 0)
            // The same place under another method is no help.
            hint = JobKeys.Elsewhere(entry.Key) is { } elsewhere && elsewhere != Join(section, entry.Key)
                ? $" Did you mean {elsewhere}?"
                : Keys.Count == 0 ? " None is known here." : $" Known here: {string.Join(", ", Keys.Select(key => key.Name))}.";
        throw entry.Place.Error(Join(section, entry.Key), $"unknown key.{hint}");
    }
}
