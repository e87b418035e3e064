using System.Text;
using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>Filters that take a value as a text. A Markup stays one where Jinja calls its method, and becomes a plain text where it does not.</summary>
internal static class TextFilters
{
    /// <summary>What would end an attribute's name.</summary>
    private static readonly System.Buffers.SearchValues<char> NoNames = System.Buffers.SearchValues.Create(" \t\n\r\f\v/>=");

    public static Value Upper(Value value, CallArguments arguments, Budget budget) => Mapped("upper", LetterCase.Upper, value, arguments, budget);

    public static Value Lower(Value value, CallArguments arguments, Budget budget) => Mapped("lower", LetterCase.Lower, value, arguments, budget);

    public static Value Capitalize(Value value, CallArguments arguments, Budget budget) => Mapped("capitalize", LetterCase.Capitalize, value, arguments, budget);

    /// <summary>Words begin behind white space, hyphens and opening brackets; unlike str.title not behind an apostrophe.</summary>
    public static Value Title(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("title", [], 0);
        var (text, written, start) = (Soft(value, budget).Text, new StringBuilder(), 0);
        for (var index = 0; index <= text.Length; index++)
        {
            if (index < text.Length && IsBetween(text[index]) == IsBetween(text[start]))
                continue;
            if (index > start)
            {
                var (word, first) = (text[start..index], CodePoints.Each(text[start..]).First().Length);
                written.Append(LetterCase.Upper(word[..first])).Append(LetterCase.Lower(word[first..]));
            }
            start = index;
        }
        return budget.Made(written.ToString());

        static bool IsBetween(char letter) => letter is '-' or '(' or '{' or '[' or '<' || PythonText.IsSpace(letter);
    }

    public static Value Trim(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("trim", ["chars"], 0);
        return Method(value, "strip", [given[0] ?? NoneValue.None], budget);
    }

    public static Value Center(Value value, CallArguments arguments, Budget budget) =>
        Method(value, "center", [arguments.Take("center", ["width"], 0)[0] ?? 80], budget);

    public static Value Replace(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("replace", ["old", "new", "count"], 2);
        var count = given[2] is null or NoneValue ? -1 : Numbers.Need(given[2]!);
        return TextSearch.Replace(value.Str(budget), given[0]!.Str(budget), given[1]!.Str(budget), count, budget);
    }

    public static Value Format(Value value, CallArguments arguments, Budget budget)
    {
        if (arguments.Placed.Count > 0 && arguments.Named.Count > 0)
            throw new TemplateFailure("can't handle positional and keyword arguments at the same time");
        Value values = arguments.Named.Count > 0
            ? new DictValue(arguments.Named.Select(pair => KeyValuePair.Create((Value)pair.Key, pair.Value)))
            : new TupleValue(arguments.Placed);
        return PercentFormat.Apply(Soft(value, budget), values, budget);
    }

    public static Value String(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("string", [], 0);
        return Soft(value, budget);
    }

    public static Value Safe(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("safe", [], 0);
        return new TextValue(value.Str(budget), safe: true);
    }

    public static Value Escape(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("escape", [], 0);
        return TextValue.Escape(value, budget);
    }

    public static Value ForceEscape(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("forceescape", [], 0);
        return TextValue.Escape(value.Str(budget), budget);
    }

    public static Value StripTags(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("striptags", [], 0);
        return budget.Made(Markups.StripTags(value.Str(budget), budget));
    }

    public static Value WordCount(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("wordcount", [], 0);
        var (count, inside) = (0, false);
        foreach (var number in CodePoints.Numbers(Soft(value, budget).Text))
        {
            var letter = TextKinds.IsWordLetter(number);
            count += letter && !inside ? 1 : 0;
            inside = letter;
        }
        return count;
    }

    public static Value UrlEncode(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take("urlencode", [], 0);
        if (value is TextValue || value.Iterate() is null)
            return budget.Made(Quoted(value.Str(budget), "/"));
        var pairs = value is DictValue dict ? new DictViewValue(dict, "items").ToList(budget) : value.ToList(budget);
        return budget.Made(string.Join('&', pairs.Select(pair => pair.ToList(budget) is [var key, var given]
            ? $"{Query(key)}={Query(given)}" : throw new TemplateFailure("urlencode needs pairs of a name and a value"))));

        string Query(Value part) => Quoted(part.Str(budget), "").Replace("%20", "+", StringComparison.Ordinal);
    }

    public static Value XmlAttr(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("xmlattr", ["autospace"], 0);
        if (value is not DictValue dict)
            throw value is UndefinedValue missing ? missing.Failure : new TemplateFailure($"'{value.TypeName}' object has no attribute 'items'");
        var written = string.Join(' ', dict.Pairs.Where(pair => pair.Value is not (NoneValue or UndefinedValue)).Select(pair =>
            !TextMethods.Text(pair.Key).AsSpan().ContainsAny(NoNames)
                ? $"{TextValue.Escape(pair.Key, budget).Text}=\"{TextValue.Escape(pair.Value, budget).Text}\""
                : throw new TemplateFailure($"Invalid character in attribute name: {ReprWriter.Of(pair.Key, budget)}")));
        return budget.Made(written.Length > 0 && given[0]?.Truth != false ? " " + written : written);
    }

    /// <summary>A text as it is, anything else as str() has it.</summary>
    public static TextValue Soft(Value value, Budget budget) => value as TextValue ?? new TextValue(value.Str(budget));

    public static Value Method(Value value, string name, IReadOnlyList<Value> arguments, Budget budget) =>
        Soft(value, budget).Attribute(name)!.Call(new CallArguments(arguments, []), budget);

    private static TextValue Mapped(string name, Func<string, string> map, Value value, CallArguments arguments, Budget budget)
    {
        arguments.Take(name, [], 0);
        var text = Soft(value, budget);
        return new TextValue(budget.Made(map(text.Text)), text.Safe);
    }

    private static string Quoted(string text, string kept)
    {
        var written = new StringBuilder();
        foreach (var part in Encoding.UTF8.GetBytes(text))
        {
            var letter = (char)part;
            _ = char.IsAsciiLetterOrDigit(letter) || "_.-~".Contains(letter, StringComparison.Ordinal) || kept.Contains(letter, StringComparison.Ordinal)
                ? written.Append(letter)
                : written.Append('%').Append(part.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return written.ToString();
    }
}
