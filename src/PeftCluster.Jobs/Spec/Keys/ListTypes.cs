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

/// <summary>A list of names, or one word that stands for a choice of names made elsewhere. The word becomes the list's only item.</summary>
internal sealed class NamesOrWordType(ListType<string> list, string word) : KeyType
{
    public override string Kind => $"{list.Kind}, or the word {word}";

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is ScalarNode scalar && scalar.Text == word)
            return new ValueList<string>([word]);
        if (node is not ListNode)
            throw Unexpected(node, key);
        var names = (ValueList<string>)list.Read(node, key, context);
        return names.Count == 1 || !names.Contains(word)
            ? names
            : throw node.Place.Error(key, $"{word} stands for every name. Write {word} alone, or names alone.");
    }

    public override YamlNode Write(object value) =>
        value is ValueList<string> { Count: 1 } names && names[0] == word ? Plain(word) : list.Write(value);

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new()
    {
        ["oneOf"] = new JsonArray(list.Schema(describe), new JsonObject { ["const"] = word }),
    };
}
