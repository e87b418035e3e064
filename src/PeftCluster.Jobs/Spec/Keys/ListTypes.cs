using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>A list of values of one kind, no value twice.</summary>
/// <param name="item">What an item is.</param>
/// <param name="items">The same in the plural: "whole numbers".</param>
/// <param name="size">How many items.</param>
/// <typeparam name="T">The items' type in the record.</typeparam>
internal sealed class ListType<T>(KeyType item, string items, ItemsAttribute size) : KeyType
    where T : notnull
{
    public override string Kind => $"a list of {items}";

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not ListNode list)
            throw Unexpected(node, key);
        if (list.Items.Count < size.Fewest || list.Items.Count > size.Most)
            throw node.Place.Error(key, $"{list.Items.Count} items; {size.Fewest} to {size.Most} are allowed.");
        var values = new List<T>();
        foreach (var (index, entry) in list.Items.Index())
        {
            var value = (T)item.Read(entry, $"{key}[{index}]", context);
            if (values.Contains(value))
                throw entry.Place.Error(key, $"{value} stands twice. Remove one.");
            values.Add(value);
        }
        return new ValueList<T>(values);
    }

    public override YamlNode Write(object value) =>
        new ListNode(default, [.. ((ValueList<T>)value).Select(entry => item.Write(entry))]);

    public override string? Limits => item.Limits;

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new()
    {
        ["type"] = "array",
        ["items"] = item.Schema(describe),
        ["minItems"] = size.Fewest,
        ["maxItems"] = size.Most,
        ["uniqueItems"] = true,
    };
}
