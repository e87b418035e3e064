using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>A list of names, or one name alone, which becomes the list's only item.</summary>
internal sealed class NamesOrOneType(ListType<string> list, TextType name) : KeyType
{
    public override string Kind => $"{list.Kind}, or one name";

    public override object Read(YamlNode node, string key, ReadingContext context) => node switch
    {
        ListNode => list.Read(node, key, context),
        ScalarNode { IsNull: false } => new ValueList<string>([(string)name.Read(node, key, context)]),
        _ => throw Unexpected(node, key),
    };

    public override YamlNode Write(object value) => value is ValueList<string> { Count: 1 } one ? name.Write(one[0]) : list.Write(value);

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new() { ["oneOf"] = new JsonArray(list.Schema(describe), name.Schema(describe)) };
}
