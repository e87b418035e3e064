using System.Globalization;
using System.Text;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Syntax;

/// <summary>
/// The escapes of a text literal. Jinja writes the literal in ASCII first and reads that as Python's unicode-escape; so a backslash before
/// a letter beyond ASCII becomes that letter's code, and this does the same.
/// </summary>
internal static class Literals
{
    /// <summary>Python knows all names of Unicode by \N{…}. These are the ones that prompts have a use for.</summary>
    private static readonly Dictionary<string, int> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["SPACE"] = ' ', ["LINE FEED"] = '\n', ["CARRIAGE RETURN"] = '\r', ["CHARACTER TABULATION"] = '\t', ["NO-BREAK SPACE"] = 0xA0, ["ZERO WIDTH SPACE"] = 0x200B,
        ["ZERO WIDTH NON-JOINER"] = 0x200C, ["ZERO WIDTH JOINER"] = 0x200D, ["WORD JOINER"] = 0x2060, ["ZERO WIDTH NO-BREAK SPACE"] = 0xFEFF, ["NARROW NO-BREAK SPACE"] = 0x202F,
        ["EM SPACE"] = 0x2003, ["EN SPACE"] = 0x2002, ["THIN SPACE"] = 0x2009, ["LINE SEPARATOR"] = 0x2028, ["PARAGRAPH SEPARATOR"] = 0x2029, ["SOFT HYPHEN"] = 0xAD,
        ["EN DASH"] = 0x2013, ["EM DASH"] = 0x2014, ["HYPHEN"] = 0x2010, ["NON-BREAKING HYPHEN"] = 0x2011, ["HORIZONTAL ELLIPSIS"] = 0x2026, ["BULLET"] = 0x2022, ["MIDDLE DOT"] = 0xB7,
        ["LEFT SINGLE QUOTATION MARK"] = 0x2018, ["RIGHT SINGLE QUOTATION MARK"] = 0x2019, ["LEFT DOUBLE QUOTATION MARK"] = 0x201C, ["RIGHT DOUBLE QUOTATION MARK"] = 0x201D,
        ["APOSTROPHE"] = '\'', ["QUOTATION MARK"] = '"', ["REVERSE SOLIDUS"] = '\\', ["SOLIDUS"] = '/', ["VERTICAL LINE"] = '|', ["NUMBER SIGN"] = '#', ["PERCENT SIGN"] = '%',
        ["LESS-THAN SIGN"] = '<', ["GREATER-THAN SIGN"] = '>', ["LEFT CURLY BRACKET"] = '{', ["RIGHT CURLY BRACKET"] = '}', ["LEFT SQUARE BRACKET"] = '[', ["RIGHT SQUARE BRACKET"] = ']',
        ["FULLWIDTH VERTICAL LINE"] = 0xFF5C, ["LOWER ONE EIGHTH BLOCK"] = 0x2581, ["RIGHTWARDS ARROW"] = 0x2192, ["LEFTWARDS ARROW"] = 0x2190, ["CHECK MARK"] = 0x2713,
        ["BLACK CIRCLE"] = 0x25CF, ["WHITE CIRCLE"] = 0x25CB, ["DEGREE SIGN"] = 0xB0, ["SECTION SIGN"] = 0xA7, ["COPYRIGHT SIGN"] = 0xA9, ["REGISTERED SIGN"] = 0xAE, ["TRADE MARK SIGN"] = 0x2122,
        ["EURO SIGN"] = 0x20AC, ["MULTIPLICATION SIGN"] = 0xD7, ["REPLACEMENT CHARACTER"] = 0xFFFD, ["INFINITY"] = 0x221E, ["SNOWMAN"] = 0x2603, ["WHITE HEAVY CHECK MARK"] = 0x2705, ["CROSS MARK"] = 0x274C,
    };

    /// <exception cref="TemplateFailure">An escape that is cut short, or no code point.</exception>
    public static string Unescape(string literal, int line)
    {
        if (!literal.Contains('\\', StringComparison.Ordinal))
            return literal;
        var (text, written) = (literal, new StringBuilder());
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\')
            {
                written.Append(text[at]);
                continue;
            }
            var letter = text[++at];
            if (Simple(letter) is { } simple)
                written.Append(simple);
            else if (letter is 'x' or 'u' or 'U')
                at = AppendCode(written, text, at, letter switch { 'x' => 2, 'u' => 4, _ => 8 }, line);
            else if (letter == 'N')
                at = AppendName(written, text, at, line);
            else if (letter is >= '0' and <= '7')
                at = AppendOctal(written, text, at);
            else if (letter >= 0x80)
                at = AppendAscii(written, text, at);
            else
                written.Append('\\').Append(letter);
        }
        return written.ToString();
    }

    private static string? Simple(char letter) => letter switch
    {
        '\n' => "",
        '\\' or '\'' or '"' => letter.ToString(),
        'a' => "\a",
        'b' => "\b",
        'f' => "\f",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\v",
        _ => null,
    };

    private static int AppendCode(StringBuilder written, string text, int at, int digits, int line)
    {
        if (at + digits >= text.Length || !uint.TryParse(text.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            throw new TemplateFailure($"truncated \\{text[at]} escape", line);
        if (code > 0x10FFFF)
            throw new TemplateFailure("illegal Unicode character", line);
        written.Append(CodePoints.Text((int)code));
        return at + digits;
    }

    private static int AppendName(StringBuilder written, string text, int at, int line)
    {
        var end = text.IndexOf('}', at);
        if (at + 1 >= text.Length || text[at + 1] != '{' || end < 0)
            throw new TemplateFailure("malformed \\N character escape", line);
        var name = text[(at + 2)..end];
        written.Append(CodePoints.Text(Names.TryGetValue(name, out var code) ? code
            : throw new TemplateFailure($"the character name {Formats.OneLine.Piece(name)} is not known here: write its code, \\u and four digits", line)));
        return end;
    }

    private static int AppendOctal(StringBuilder written, string text, int at)
    {
        var (end, code) = (at, 0);
        for (; end < text.Length && end < at + 3 && text[end] is >= '0' and <= '7'; end++)
            code = code * 8 + text[end] - '0';
        written.Append((char)code);
        return end - 1;
    }

    /// <summary>A backslash, and the letter's code as ASCII: the first of its two backslashes escapes the second.</summary>
    private static int AppendAscii(StringBuilder written, string text, int at)
    {
        var pair = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]);
        written.Append(PythonText.Ascii(text.Substring(at, pair ? 2 : 1)));
        return at + (pair ? 1 : 0);
    }
}
