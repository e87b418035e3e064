using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>Words of ours, each with a name of the user's: <c>{prompt: question}</c>. Which words there are, its user knows.</summary>
internal sealed class NameMapType(ItemsAttribute size) : KeyType
{
    private static readonly TextType Text = new(pattern: null);

    public override string Kind => "a section of names";

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not MapNode map)
            throw Unexpected(node, key);
        if (map.Entries.Count < size.Fewest || map.Entries.Count > size.Most)
            throw node.Place.Error(key, $"{map.Entries.Count} items; {size.Fewest} to {size.Most} are allowed.");
        return new ValueMap<string>(map.Entries.Select(entry => KeyValuePair.Create(entry.Key, (string)Text.Read(entry.Value, SectionType.Join(key, entry.Key), context))).ToArray());
    }

    public override YamlNode Write(object value) =>
        new MapNode(default, [.. ((ValueMap<string>)value).Select(pair => new MapEntry(default, pair.Key, Text.Write(pair.Value)))]);

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = Text.Schema(describe),
        ["minProperties"] = size.Fewest,
        ["maxProperties"] = size.Most,
    };
}
