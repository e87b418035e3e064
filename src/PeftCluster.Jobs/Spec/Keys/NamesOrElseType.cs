using System.Reflection;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>
/// A list of names, or in its place one word that stands for a choice of names made elsewhere, or one regular expression. The word or the
/// expression becomes the list's only item (<see cref="ModuleNames"/>).
/// </summary>
internal sealed class NamesOrElseType(ListType<string> list, string? word, bool orPattern) : KeyType
{
    private readonly TextType _text = new(pattern: null);

    public override string Kind => (word, orPattern) switch
    {
        (null, _) => $"{list.Kind}, or a regular expression",
        (_, false) => $"{list.Kind}, or the word {word}",
        _ => $"{list.Kind}, the word {word}, or a regular expression",
    };

    public override object Read(YamlNode node, string key, ReadingContext context)
    {
        if (node is ScalarNode { IsNull: false } scalar && (scalar.Text == word || (orPattern && ModuleNames.IsPattern([scalar.Text]))))
            return new ValueList<string>([scalar.Text == word ? word : Pattern(scalar, key, context)]);
        if (node is not ListNode)
            throw Unexpected(node, key);
        var names = (ValueList<string>)list.Read(node, key, context);
        return names.Count == 1 || word is null || !names.Contains(word)
            ? names
            : throw node.Place.Error(key, $"{word} stands for every name. Write {word} alone, or names alone.");
    }

    public override YamlNode Write(object value)
    {
        var names = (ValueList<string>)value;
        if (ModuleNames.IsPattern(names))
            return Quoted(names[0]);
        return names.Count == 1 && names[0] == word ? Plain(word) : list.Write(value);
    }

    public override JsonObject Schema(Func<MemberInfo, string> describe)
    {
        var choices = new JsonArray(list.Schema(describe));
        if (orPattern)
            choices.Add(_text.Schema(describe));
        else
            choices.Add((JsonNode)new JsonObject { ["const"] = word });
        return new JsonObject { ["oneOf"] = choices };
    }

    private string Pattern(ScalarNode scalar, string key, ReadingContext context)
    {
        var text = (string)_text.Read(scalar, key, context);
        return PatternMapType.IsExpression(text, TextType.Longest) ? text : throw scalar.Place.Error(key, $"{scalar.Found} is no regular expression. Names are written as a list.");
    }
}
