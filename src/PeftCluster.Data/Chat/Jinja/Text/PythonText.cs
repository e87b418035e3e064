using System.Globalization;
using System.Text;

namespace PeftCluster.Data.Chat.Jinja.Text;

/// <summary>What Python's str knows about characters: its white space, its line ends, what it prints as it is, and its repr.</summary>
internal static class PythonText
{
    private static readonly string[] LineEnds = ["\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"];

    public static string Spaces { get; } = new([.. Enumerable.Range(0, 0x10000).Select(code => (char)code).Where(IsSpace)]);

    /// <summary>str.isspace, also what strip() and split() take and \s matches.</summary>
    public static bool IsSpace(char letter) => letter is (>= '\t' and <= '\r') or (>= '\x1c' and <= ' ') or '\x85' or '\xa0' or '\u1680'
        or (>= '\u2000' and <= '\u200a') or '\u2028' or '\u2029' or '\u202f' or '\u205f' or '\u3000';

    public static List<string> Lines(string text, bool keepEnds = false)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            string? mark = null;
            while (end < text.Length && (mark = MarkAt(text, end)) is null)
                end++;
            var after = end + (mark?.Length ?? 0);
            lines.Add(text[start..(keepEnds ? after : end)]);
            start = after;
        }
        return lines;
    }

    /// <summary>repr(): in single quotes, in double quotes where that saves an escape; what does not print is escaped.</summary>
    public static string Repr(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var written = new StringBuilder(text.Length + 2).Append(quote);
        foreach (var number in CodePoints.Numbers(text))
            written.Append(Escaped(number, quote));
        return written.Append(quote).ToString();
    }

    public static bool Prints(int number) => number == ' ' || CharUnicodeInfo.GetUnicodeCategory(number) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    /// <summary>ascii(): repr() with everything beyond ASCII escaped.</summary>
    public static string Ascii(string text)
    {
        var written = new StringBuilder();
        foreach (var number in CodePoints.Numbers(text))
            written.Append(number < 0x80 ? CodePoints.Text(number) : Code(number));
        return written.ToString();
    }

    private static string Escaped(int number, char quote) => number switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\\' => "\\\\",
        _ when number == quote => "\\" + quote,
        _ when Prints(number) => CodePoints.Text(number),
        _ => Code(number),
    };

    private static string Code(int number) => number switch
    {
        < 0x100 => string.Create(CultureInfo.InvariantCulture, $"\\x{number:x2}"),
        < 0x10000 => string.Create(CultureInfo.InvariantCulture, $"\\u{number:x4}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\U{number:x8}"),
    };

    private static string? MarkAt(string text, int index)
    {
        if (text[index] is > '\r' and < '\x1c' or (> '\x1e' and < '\x85'))
            return null;
        foreach (var mark in LineEnds)
        {
            if (string.CompareOrdinal(text, index, mark, 0, mark.Length) == 0)
                return mark;
        }
        return null;
    }
}
