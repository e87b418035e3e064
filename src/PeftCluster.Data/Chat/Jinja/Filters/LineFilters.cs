using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Filters;

/// <summary>Filters that know lines and widths: indent, truncate, wordwrap.</summary>
internal static class LineFilters
{
    /// <summary>What a text may be longer than its limit before it is cut.</summary>
    private const int Leeway = 5;

    public static Value Indent(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("indent", ["width", "first", "blank"], 0);
        if (value is not TextValue text)
            throw value is UndefinedValue missing ? missing.Failure : new TemplateFailure($"can only indent a text, not {value.TypeName}");
        var (first, blank) = (given[1]?.Truth == true, given[2]?.Truth == true);
        var indent = given[0] is TextValue with
            ? text.Safe ? TextValue.Escape(with, budget).Text : with.Text
            : ((TextValue)Arithmetic.Multiply(" ", given[0] ?? 4, budget)).Text;
        // As Jinja has it: with the line feed more, a text that ends in one keeps it.
        var lines = PythonText.Lines(text.Text + "\n");
        budget.Text((long)indent.Length * lines.Count + text.Text.Length);
        var rest = lines.Skip(1).Select(line => blank || line.Length > 0 ? indent + line : line);
        return new TextValue((first ? indent : "") + string.Join('\n', rest.Prepend(lines[0])), text.Safe);
    }

    public static Value Truncate(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("truncate", ["length", "killwords", "end", "leeway"], 0);
        var length = given[0] is { } most ? Numbers.Need(most) : 255;
        var end = given[2] ?? "...";
        var leeway = given[3] is null or NoneValue ? Leeway : Numbers.Need(given[3]!);
        var kept = length - end.NeedLength();
        if (kept < 0)
            throw new TemplateFailure($"expected length >= {end.NeedLength()}, got {length}");
        if (leeway < 0)
            throw new TemplateFailure($"expected leeway >= 0, got {leeway}");
        if (value.NeedLength() <= (long)length + leeway)
            return value;
        var cut = Slices.Of(value, null, kept, null, false, budget);
        if (given[1]?.Truth != true)
            cut = cut is TextValue text ? TextSplitting.SplitFromEnd(text, " ", 1, budget).Items[0] : throw new TemplateFailure($"'{value.TypeName}' object has no attribute 'rsplit'");
        return Arithmetic.Add(cut, end, budget);
    }

    public static Value WordWrap(Value value, CallArguments arguments, Budget budget)
    {
        var given = arguments.Take("wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"], 0);
        if (value is not TextValue text)
            throw value is UndefinedValue missing ? missing.Failure : new TemplateFailure($"'{value.TypeName}' object has no attribute 'splitlines'");
        var width = given[0] is { } most ? Numbers.Need(most) : 79;
        var between = given[2] is null or NoneValue ? "\n" : TextMethods.Text(given[2]!);
        budget.Step(text.Text.Length);
        return budget.Made(string.Join(between, PythonText.Lines(text.Text)
            .Select(line => string.Join(between, WrappedText.Of(line, width, given[1]?.Truth != false, given[3]?.Truth != false)))));
    }
}
