using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>The section <c>method</c>: its key <c>type</c> picks the record that the other keys belong to.</summary>
internal sealed class MethodType : KeyType
{
    private const string TypeKey = "type";

    public override string Kind => "a section of keys";

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not MapNode map)
            throw Unexpected(node, key);
        var name = SectionType.Join(key, TypeKey);
        var known = MethodRegistry.Records;
        if (map.Get(TypeKey) is not { } type)
            throw map.Place.Error(name, $"missing. Known: {string.Join(", ", known.Keys)}.");
        if (type is not ScalarNode word)
            throw type.Place.Error(name, $"expected the name of a method, found {type.Found}. Known: {string.Join(", ", known.Keys)}.");
        if (!known.TryGetValue(word.Text, out var record))
            throw type.Place.Error(name, $"{type.Found} is no method. Known: {string.Join(", ", known.Keys)}.{Nearest.Hint(word.Text, known.Keys)}");
        return SectionType.Of(record).Read(map.Without(TypeKey), key, context);
    }

    public override YamlNode Write(object value) => Write(value, keep: (_, _) => true);

    /// <summary>As <see cref="SectionType.Write(object, Func{KeyInfo, object, bool})"/>.</summary>
    public static MapNode Write(object value, Func<KeyInfo, object, bool> keep)
    {
        var section = SectionType.Of(value.GetType()).Write(value, keep);
        return section with { Entries = [new MapEntry(default, TypeKey, Plain(((MethodSpec)value).Type)), .. section.Entries] };
    }

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new()
    {
        ["oneOf"] = new JsonArray([.. MethodRegistry.Records.Select(method => OneMethod(method.Key, method.Value, describe))]),
    };

    private static JsonObject OneMethod(string name, Type record, Func<MemberInfo, string> describe)
    {
        var schema = SectionType.Of(record).Schema(describe);
        var properties = (JsonObject)schema["properties"]!;
        properties.Insert(0, TypeKey, new JsonObject { ["const"] = name, ["description"] = describe(record) });
        var required = (JsonArray)(schema["required"] ??= new JsonArray());
        required.Insert(0, JsonValue.Create(TypeKey));
        return schema;
    }
}
