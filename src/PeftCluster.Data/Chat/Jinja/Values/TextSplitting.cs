using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>strip, split, rsplit and partition.</summary>
internal static class TextSplitting
{
    public static Value Strip(string text, Value? given, bool left, bool right)
    {
        var taken = given is null or NoneValue ? PythonText.Spaces
            : given is TextValue chars ? chars.Text : throw new TemplateFailure($"strip arg must be None or str, not {given.TypeName}");
        if (CodePoints.OnePerChar(taken))
            return left && right ? text.AsSpan().Trim(taken).ToString() : left ? text.AsSpan().TrimStart(taken).ToString() : text.AsSpan().TrimEnd(taken).ToString();
        var (numbers, set) = (CodePoints.Numbers(text), CodePoints.Numbers(taken).ToHashSet());
        var (start, end) = (0, numbers.Length);
        while (left && start < end && set.Contains(numbers[start]))
            start++;
        while (right && end > start && set.Contains(numbers[end - 1]))
            end--;
        return CodePoints.Text(numbers[start..end]);
    }

    public static ListValue Split(TextValue self, Value? separator, Value? most, Budget budget)
    {
        var (text, left, parts) = (self.Text, Most(most), new List<string>());
        if (Separator(separator) is { } mark)
        {
            var at = 0;
            for (int next; left > 0 && (next = text.IndexOf(mark, at, StringComparison.Ordinal)) >= 0; left--, at = next + mark.Length)
                parts.Add(text[at..next]);
            parts.Add(text[at..]);
            return List(parts, self, budget);
        }
        for (var at = 0; ; left--)
        {
            while (at < text.Length && PythonText.IsSpace(text[at]))
                at++;
            if (at == text.Length)
                return List(parts, self, budget);
            var end = at;
            while (end < text.Length && !PythonText.IsSpace(text[end]))
                end++;
            if (left == 0)
            {
                parts.Add(text[at..]);
                return List(parts, self, budget);
            }
            parts.Add(text[at..end]);
            at = end;
        }
    }

    public static ListValue SplitFromEnd(TextValue self, Value? separator, Value? most, Budget budget)
    {
        var (text, left, parts) = (self.Text, Most(most), new List<string>());
        var end = text.Length;
        if (Separator(separator) is { } mark)
        {
            for (int at; left > 0 && end >= mark.Length && (at = text.AsSpan(0, end).LastIndexOf(mark)) >= 0; left--, end = at)
                parts.Add(text[(at + mark.Length)..end]);
            parts.Add(text[..end]);
        }
        else
        {
            for (; ; left--)
            {
                while (end > 0 && PythonText.IsSpace(text[end - 1]))
                    end--;
                var start = end;
                while (start > 0 && left > 0 && !PythonText.IsSpace(text[start - 1]))
                    start--;
                if (end == 0)
                    break;
                parts.Add(text[(left == 0 ? 0 : start)..end]);
                if (left == 0)
                    break;
                end = start;
            }
        }
        parts.Reverse();
        return List(parts, self, budget);
    }

    public static TupleValue Partition(TextValue self, string separator, bool last)
    {
        if (separator.Length == 0)
            throw new TemplateFailure("empty separator");
        var at = last ? self.Text.LastIndexOf(separator, StringComparison.Ordinal) : self.Text.IndexOf(separator, StringComparison.Ordinal);
        string[] parts = at >= 0 ? [self.Text[..at], separator, self.Text[(at + separator.Length)..]]
            : last ? ["", "", self.Text] : [self.Text, "", ""];
        return new TupleValue([.. parts.Select(part => new TextValue(part, self.Safe))]);
    }

    public static ListValue List(List<string> parts, TextValue self, Budget budget)
    {
        budget.Step(parts.Count);
        budget.Text(self.Text.Length);
        return new ListValue([.. parts.Select(part => new TextValue(part, self.Safe))]);
    }

    private static int Most(Value? most) => most is null ? int.MaxValue : Numbers.Need(most) is var number and >= 0 ? number : int.MaxValue;

    /// <summary>The separator, or null for white space.</summary>
    private static string? Separator(Value? given) => given switch
    {
        null or NoneValue => null,
        TextValue { Text: "" } => throw new TemplateFailure("empty separator"),
        TextValue text => text.Text,
        _ => throw new TemplateFailure($"must be str or None, not {given.TypeName}"),
    };
}
