using System.Globalization;
using System.Text;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>text.format(…): fields in braces, with attributes and items looked up as the sandbox does, conversions and specifications.</summary>
internal sealed class BraceFormat(bool safe, IReadOnlyList<Value> placed, Func<string, Value?> named, Budget budget)
{
    private int _next;

    /// <summary>Fields are either all numbered or none; null: not known yet.</summary>
    private bool? _numbered;

    public string Written(string format, int depth = 2)
    {
        if (depth < 0)
            throw new TemplateFailure("Max string recursion exceeded");
        var written = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            var letter = format[at];
            if (letter is not ('{' or '}'))
                written.Append(letter);
            else if (at + 1 < format.Length && format[at + 1] == letter)
                written.Append(format[at++]);
            else if (letter == '}')
                throw new TemplateFailure("Single '}' encountered in format string");
            else
            {
                var end = End(format, at + 1);
                written.Append(budget.Made(Field(format[(at + 1)..end], depth)));
                at = end;
            }
        }
        return budget.Made(written.ToString());
    }

    private string Field(string field, int depth)
    {
        var mark = NameEnd(field);
        var (name, rest) = (field[..mark], field[mark..]);
        var (conversion, spec) = rest switch
        {
            ['!', var kind] => (kind, ""),
            ['!', var kind, ':', ..] => (kind, rest[3..]),
            ['!', ..] => throw new TemplateFailure("expected ':' after conversion specifier"),
            [':', ..] => ((char?)null, rest[1..]),
            _ => (null, ""),
        };
        var value = Converted(Lookup(name), conversion);
        var shown = Written(spec, depth - 1);
        if (!safe)
            return FormatSpec.Apply(value, shown, budget);
        return value is TextValue { Safe: true } markup && shown.Length == 0 ? markup.Text : TextValue.Escape(FormatSpec.Apply(value, shown, budget), budget).Text;
    }

    private Value Converted(Value value, char? conversion) => conversion switch
    {
        null => value,
        's' => value.Str(budget),
        'r' => ReprWriter.Of(value, budget),
        'a' => PythonText.Ascii(ReprWriter.Of(value, budget)),
        _ => throw new TemplateFailure($"Unknown conversion specifier {conversion}"),
    };

    private Value Lookup(string name)
    {
        var end = name.AsSpan().IndexOfAny('.', '[');
        var value = First(end < 0 ? name : name[..end]);
        for (var at = end < 0 ? name.Length : end; at < name.Length;)
        {
            var bracket = name[at] == '[';
            if (!bracket && name[at] != '.')
                throw new TemplateFailure("Only '.' or '[' may follow ']' in format field specifier");
            var stop = bracket ? name.IndexOf(']', at) : name.AsSpan(at + 1).IndexOfAny('.', '[') is var next and >= 0 ? at + 1 + next : name.Length;
            if (stop < 0)
                throw new TemplateFailure("Missing ']' in format string");
            var part = name[(at + 1)..stop];
            if (part.Length == 0)
                throw new TemplateFailure("Empty attribute in format string");
            value = bracket ? Lookups.Item(value, Number(part) is { } index ? IntValue.Of(index) : part) : Lookups.Attribute(value, part);
            at = bracket ? stop + 1 : stop;
        }
        return value;
    }

    private Value First(string name)
    {
        var number = name.Length == 0 ? _next++ : Number(name);
        if (number is not { } place)
            return named(name) ?? throw new TemplateFailure($"there is no argument {PythonText.Repr(name)} to format");
        if (_numbered is { } numbered && numbered != name.Length > 0)
            throw new TemplateFailure("cannot switch between manual field specification and automatic field numbering");
        _numbered = name.Length > 0;
        return place < placed.Count ? placed[place] : throw new TemplateFailure($"Replacement index {place} out of range for positional args tuple");
    }

    private static int? Number(string text) =>
        text.Length > 0 && text.All(char.IsAsciiDigit) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Where the field that starts here ends; braces inside its specification count.</summary>
    private static int End(string format, int start)
    {
        var depth = 1;
        for (var at = start; at < format.Length; at++)
        {
            if (format[at] == '[')
                at = Math.Max(at, format.IndexOf(']', at));
            else if (format[at] == '{')
                depth++;
            else if (format[at] == '}' && --depth == 0)
                return at;
        }
        throw new TemplateFailure("expected '}' before end of string");
    }

    /// <summary>Where a conversion or specification starts; brackets of an item may hold their signs.</summary>
    private static int NameEnd(string field)
    {
        for (var at = 0; at < field.Length; at++)
        {
            if (field[at] == '[')
                at = Math.Max(at, field.IndexOf(']', at));
            else if (field[at] is '!' or ':')
                return at;
        }
        return field.Length;
    }
}
