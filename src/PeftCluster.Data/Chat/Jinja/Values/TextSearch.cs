using System.Text;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>find, count, startswith, replace and join. Places are counted in code points.</summary>
internal static class TextSearch
{
    /// <summary>find or rfind: the place, or −1.</summary>
    public static Value Find(string text, Value?[] given, bool last)
    {
        var part = TextMethods.Text(given[0]!);
        if (Range(text, given) is not { } range)
            return -1;
        var at = last ? range.Text.LastIndexOf(part, StringComparison.Ordinal) : range.Text.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? -1 : range.Start + CodePoints.Before(range.Text, at);
    }

    public static Value Need(Value place) => place is IntValue { Number.Sign: < 0 } ? throw new TemplateFailure("substring not found") : place;

    public static Value Count(string text, Value?[] given)
    {
        var part = TextMethods.Text(given[0]!);
        if (Range(text, given) is not { } range)
            return 0;
        if (part.Length == 0)
            return CodePoints.Length(range.Text) + 1;
        var count = 0;
        for (var at = range.Text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = range.Text.IndexOf(part, at + part.Length, StringComparison.Ordinal))
            count++;
        return count;
    }

    /// <summary>startswith or endswith, of a text or of any of a tuple.</summary>
    public static Value Begins(string text, Value?[] given, bool atEnd)
    {
        var wanted = given[0] is TupleValue tuple ? tuple.Items : given[0] is TextValue ? [given[0]!]
            : throw new TemplateFailure($"first arg must be str or a tuple of str, not {given[0]!.TypeName}");
        var parts = wanted.Select(TextMethods.Text).ToList();
        return Range(text, given) is { } range && parts.Any(part =>
            atEnd ? range.Text.EndsWith(part, StringComparison.Ordinal) : range.Text.StartsWith(part, StringComparison.Ordinal));
    }

    /// <summary>Replaces the first <paramref name="most"/> places, all where it is negative; an empty text stands between all letters.</summary>
    public static string Replace(string text, string old, string by, int most, Budget budget)
    {
        var written = new StringBuilder();
        var left = most < 0 ? int.MaxValue : most;
        if (old.Length == 0)
        {
            foreach (var letter in CodePoints.Each(text).Append(""))
            {
                var added = left-- > 0 ? by : "";
                budget.Text(added.Length);
                written.Append(added).Append(letter);
            }
            return written.ToString();
        }
        var at = 0;
        for (int next; left > 0 && (next = text.IndexOf(old, at, StringComparison.Ordinal)) >= 0; left--, at = next + old.Length)
        {
            budget.Text(by.Length);
            written.Append(text, at, next - at).Append(by);
        }
        return at == 0 ? text : written.Append(text, at, text.Length - at).ToString();
    }

    public static Value Join(TextValue self, Value items, Budget budget)
    {
        var (written, count) = (new StringBuilder(), 0);
        foreach (var item in items.Iterate() ?? throw new TemplateFailure("can only join an iterable"))
        {
            budget.Step();
            var part = item as TextValue ?? (self.Safe ? new TextValue(item.Str(budget))
                : throw new TemplateFailure($"sequence item {count}: expected str instance, {item.TypeName} found"));
            var added = self.Safe ? TextValue.Escape(part, budget).Text : part.Text;
            budget.Text(added.Length + self.Text.Length);
            written.Append(count++ == 0 ? "" : self.Text).Append(added);
        }
        return new TextValue(written.ToString(), self.Safe);
    }

    /// <summary>The part of a text between the second and third argument; null where the start lies behind the end.</summary>
    private static (string Text, int Start)? Range(string text, Value?[] given)
    {
        if (given[1] is null && given[2] is null)
            return (text, 0);
        var length = CodePoints.Length(text);
        if (given[1] is { } first && Numbers.Int(first) is { } number && number > length)
            return null;
        var (start, stop) = Slices.Between(given[1], given[2], length);
        return start > stop ? null : (text[CodePoints.CharOf(text, start)..CodePoints.CharOf(text, stop)], start);
    }
}
