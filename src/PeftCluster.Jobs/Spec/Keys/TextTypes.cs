using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>A text, quoted or not; where a pattern is given, the whole text matches it.</summary>
internal sealed class TextType(PatternAttribute? pattern) : KeyType
{
    internal const int Longest = 4096;

    private readonly Regex? _regex = pattern is null ? null : new Regex(pattern.Regex, RegexOptions.CultureInvariant);

    public override string Kind => pattern?.Words ?? "a text";

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not ScalarNode { IsNull: false } scalar || scalar.Text.Length == 0 || _regex?.IsMatch(scalar.Text) == false)
            throw Unexpected(node, key);
        return scalar.Text.Length <= Longest
            ? scalar.Text
            : throw node.Place.Error(key, $"the text has {scalar.Text.Length} characters; at most {Longest} are allowed.");
    }

    public override YamlNode Write(object value) => Quoted((string)value);

    public override JsonObject Schema(Func<MemberInfo, string> describe)
    {
        var schema = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = Longest };
        if (pattern is not null)
            schema["pattern"] = pattern.Regex;
        return schema;
    }
}

/// <summary>A path of a file or folder. Nobody looks whether it exists: see <see cref="JobFile.CheckPaths"/>. With an ending, what does not have it is a name.</summary>
internal sealed class PathType(string? ending = null) : KeyType
{
    private readonly TextType _text = new(pattern: null);

    public override string Kind => ending is null ? "a path" : $"a name, or a path that ends in {ending}";

    public override object Read(YamlNode node, string key, ReadingContext context) =>
        node is ListNode or MapNode or ScalarNode { Text.Length: 0 } or ScalarNode { IsNull: true }
            ? throw Unexpected(node, key)
            : Located((string)_text.Read(node, key, context), context.CurrentFolder);

    private string Located(string text, string folder) =>
        ending is null || text.EndsWith(ending, StringComparison.Ordinal) ? Path.GetFullPath(text, folder) : text;

    public override YamlNode Write(object value) => _text.Write(value);

    public override JsonObject Schema(Func<MemberInfo, string> describe) => _text.Schema(describe);
}

/// <summary>One word of an enum, in snake_case.</summary>
internal sealed class ChoiceType(Type choices) : KeyType
{
    private readonly Dictionary<string, object> _byWord = Enum.GetNames(choices)
        .ToDictionary(SnakeCase.Of, name => Enum.Parse(choices, name), StringComparer.Ordinal);

    public override string Kind => $"one of {string.Join(", ", _byWord.Keys)}";

    /// <summary>Each word with the enum member that it names.</summary>
    public IEnumerable<(string Word, FieldInfo Member)> Choices =>
        _byWord.Select(pair => (pair.Key, choices.GetField(pair.Value.ToString()!)!));

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is not ScalarNode { IsNull: false } scalar)
            throw Unexpected(node, key);
        return _byWord.TryGetValue(scalar.Text, out var value)
            ? value
            : throw node.Place.Error(key, $"expected {Kind}, found {node.Found}.{Nearest.Hint(scalar.Text, _byWord.Keys)}");
    }

    public override YamlNode Write(object value) => Plain(SnakeCase.Of(value.ToString()!));

    public override JsonObject Schema(Func<MemberInfo, string> describe) => new()
    {
        ["oneOf"] = new JsonArray([.. Choices.Select(choice =>
            new JsonObject { ["const"] = choice.Word, ["description"] = describe(choice.Member) })]),
    };
}
