using System.Text;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>ljust, rjust, center, zfill and expandtabs.</summary>
internal static class TextPadding
{
    /// <param name="before">How much of what is missing stands in front, from it and the width.</param>
    public static string Pad(string text, Value?[] given, Func<int, int, int> before, Budget budget)
    {
        var width = Numbers.Need(given[0]!);
        var fill = given[1] is { } letter ? TextMethods.Text(letter) : " ";
        if (CodePoints.Length(fill) != 1)
            throw new TemplateFailure("The fill character must be exactly one character long");
        var missing = width - CodePoints.Length(text);
        if (missing <= 0)
            return text;
        budget.Text((long)missing * fill.Length);
        var left = before(missing, width);
        return string.Concat(Enumerable.Repeat(fill, left)) + text + string.Concat(Enumerable.Repeat(fill, missing - left));
    }

    /// <summary>str.center puts the odd blank in front where the width is odd too.</summary>
    public static int Centered(int missing, int width) => missing / 2 + (missing & width & 1);

    public static string ZeroFill(string text, int width, Budget budget)
    {
        var missing = width - CodePoints.Length(text);
        if (missing <= 0)
            return text;
        budget.Text(missing);
        var sign = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
        return text[..sign] + new string('0', missing) + text[sign..];
    }

    public static string ExpandTabs(string text, int size, Budget budget)
    {
        var (written, column) = (new StringBuilder(), 0);
        foreach (var letter in CodePoints.Each(text))
        {
            if (letter == "\t")
            {
                var blanks = size > 0 ? size - column % size : 0;
                budget.Text(blanks);
                written.Append(' ', blanks);
                column += blanks;
                continue;
            }
            written.Append(letter);
            column = letter is "\n" or "\r" ? 0 : column + 1;
        }
        return written.ToString();
    }
}
