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
    private const string NameTable = "SPACE=0020;LINE FEED=000A;CARRIAGE RETURN=000D;CHARACTER TABULATION=0009;NO-BREAK SPACE=00A0;ZERO WIDTH SPACE=200B;ZERO WIDTH NON-JOINER=200C;"
        + "ZERO WIDTH JOINER=200D;WORD JOINER=2060;ZERO WIDTH NO-BREAK SPACE=FEFF;NARROW NO-BREAK SPACE=202F;EM SPACE=2003;EN SPACE=2002;THIN SPACE=2009;"
        + "LINE SEPARATOR=2028;PARAGRAPH SEPARATOR=2029;SOFT HYPHEN=00AD;EN DASH=2013;EM DASH=2014;HYPHEN=2010;NON-BREAKING HYPHEN=2011;HORIZONTAL ELLIPSIS=2026;"
        + "BULLET=2022;MIDDLE DOT=00B7;LEFT SINGLE QUOTATION MARK=2018;RIGHT SINGLE QUOTATION MARK=2019;LEFT DOUBLE QUOTATION MARK=201C;"
        + "RIGHT DOUBLE QUOTATION MARK=201D;APOSTROPHE=0027;QUOTATION MARK=0022;REVERSE SOLIDUS=005C;SOLIDUS=002F;VERTICAL LINE=007C;NUMBER SIGN=0023;"
        + "PERCENT SIGN=0025;LESS-THAN SIGN=003C;GREATER-THAN SIGN=003E;LEFT CURLY BRACKET=007B;RIGHT CURLY BRACKET=007D;LEFT SQUARE BRACKET=005B;"
        + "RIGHT SQUARE BRACKET=005D;FULLWIDTH VERTICAL LINE=FF5C;LOWER ONE EIGHTH BLOCK=2581;RIGHTWARDS ARROW=2192;LEFTWARDS ARROW=2190;CHECK MARK=2713;"
        + "BLACK CIRCLE=25CF;WHITE CIRCLE=25CB;DEGREE SIGN=00B0;SECTION SIGN=00A7;COPYRIGHT SIGN=00A9;REGISTERED SIGN=00AE;TRADE MARK SIGN=2122;EURO SIGN=20AC;"
        + "MULTIPLICATION SIGN=00D7;REPLACEMENT CHARACTER=FFFD;INFINITY=221E;SNOWMAN=2603;WHITE HEAVY CHECK MARK=2705;CROSS MARK=274C";

    private static readonly Dictionary<string, int> Names = NameTable.Split(';').Select(entry => entry.Split('='))
        .ToDictionary(entry => entry[0], entry => Convert.ToInt32(entry[1], 16), StringComparer.OrdinalIgnoreCase);

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
