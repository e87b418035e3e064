using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>Regular expressions over the ends of modules' paths, each with a value: <c>{v_proj: 2}</c>. The first that matches counts.</summary>
/// <param name="item">What a value is.</param>
/// <param name="items">The same in the plural: "whole numbers".</param>
/// <param name="size">How many pairs.</param>
/// <typeparam name="T">The values' type in the record.</typeparam>
internal sealed class PatternMapType<T>(KeyType item, string items, ItemsAttribute size) : KeyType
    where T : notnull
{
    public override string Kind => $"a section of regular expressions with {items}";

    public override string? Limits => item.Limits;

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not MapNode map)
            throw Unexpected(node, key);
        if (map.Entries.Count < size.Fewest || map.Entries.Count > size.Most)
            throw node.Place.Error(key, $"{map.Entries.Count} items; {size.Fewest} to {size.Most} are allowed.");
        return new ValueMap<T>(map.Entries.Select(entry => KeyValuePair.Create(Expression(entry, key), (T)item.Read(entry.Value, key, context))).ToArray());
    }

    public override YamlNode Write(object value) =>
        new MapNode(default, [.. ((ValueMap<T>)value).Select(pair => new MapEntry(default, pair.Key, item.Write(pair.Value)))]);

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = item.Schema(describe),
        ["minProperties"] = size.Fewest,
        ["maxProperties"] = size.Most,
    };

    private static string Expression(MapEntry entry, string key) => PatternMapType.IsExpression(entry.Key, PatternMapType.LongestKey)
        ? entry.Key
        : throw entry.Place.Error(key, "a key is no regular expression of at most 1000 characters. Write the end of a module's path, for example v_proj.");
}

/// <summary>What the types of regular expressions share.</summary>
internal static class PatternMapType
{
    public const int LongestKey = 1000;

    /// <summary>Whether a text is a regular expression that can be used here.</summary>
    public static bool IsExpression(string text, int longest)
    {
        if (text.Length == 0 || text.Length > longest || text.Any(char.IsControl))
            return false;
        try
        {
            _ = ModuleNames.Compile(text, ("^", "$"));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
