using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using PeftCluster.Data.Chat.Jinja.Text;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Syntax;

/// <summary>The tokens inside one tag. Brackets are counted here, so that the end of a dict is not the end of its tag.</summary>
internal sealed partial class ExpressionLexer(string source, int start, int line, List<Token> tokens)
{
    private static readonly string[] Operators = ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly Stack<char> _brackets = [];

    public int At { get; private set; } = start;

    public int Line { get; private set; } = line;

    public bool InBrackets => _brackets.Count > 0;

    public void ReadOne()
    {
        var letter = source[At];
        if (PythonText.IsSpace(letter))
            Pass(TemplateLexer.AfterSpace(source, At));
        else if (char.IsAsciiDigit(letter))
            ReadNumber();
        else if (letter is '\'' or '"')
            ReadText(letter);
        else if (NameLength() is var length and > 0)
            ReadName(length);
        else
            ReadOperator();
    }

    private void ReadNumber()
    {
        var real = At > 0 && source[At - 1] == '.' ? Match.Empty : RealPattern().Match(source, At);
        if (real.Success)
        {
            Add(new FloatValue(double.Parse(real.Value.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)), real.Length);
            return;
        }
        var whole = WholePattern().Match(source, At);
        if (whole.Length > 5000)
            throw new TemplateFailure("Exceeds the limit (4300 digits) for integer string conversion", Line);
        Add(IntValue.Of(Whole(whole.Value.Replace("_", "", StringComparison.Ordinal))), whole.Length);
    }

    private static BigInteger Whole(string digits)
    {
        var radix = digits.Length < 2 ? 10 : char.ToLowerInvariant(digits[1]) switch { 'b' => 2, 'o' => 8, 'x' => 16, _ => 10 };
        return radix == 10
            ? BigInteger.Parse(digits, CultureInfo.InvariantCulture)
            : digits[2..].Aggregate(BigInteger.Zero, (number, digit) => number * radix + Convert.ToInt32(digit.ToString(), 16));
    }

    private void ReadText(char quote)
    {
        var end = At + 1;
        while (end < source.Length && source[end] != quote)
            end += source[end] == '\\' ? 2 : 1;
        if (end >= source.Length)
            throw new TemplateFailure($"unexpected char {PythonText.Repr(quote.ToString())}: the text that it opens has no end", Line);
        tokens.Add(new Token(TokenKind.Text, Line, Literals.Unescape(source[(At + 1)..end], Line)));
        Pass(end + 1);
    }

    private int NameLength()
    {
        var end = At;
        while (end < source.Length && IsNamePart(end))
            end += end + 1 < source.Length && char.IsSurrogatePair(source[end], source[end + 1]) ? 2 : 1;
        return end - At;
    }

    private bool IsNamePart(int at)
    {
        var number = at + 1 < source.Length && char.IsSurrogatePair(source[at], source[at + 1]) ? char.ConvertToUtf32(source[at], source[at + 1]) : source[at];
        return number < 0x80
            ? char.IsAsciiLetterOrDigit((char)number) || number == '_'
            : TextKinds.IsWordLetter(number) || CharUnicodeInfo.GetUnicodeCategory(number) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation;
    }

    private void ReadName(int length)
    {
        var name = source.Substring(At, length);
        if (!TextKinds.IsIdentifier(name))
            throw new TemplateFailure("Invalid character in identifier", Line);
        tokens.Add(new Token(TokenKind.Name, Line, name));
        Pass(At + length);
    }

    private void ReadOperator()
    {
        var sign = Operators.FirstOrDefault(sign => string.CompareOrdinal(source, At, sign, 0, sign.Length) == 0)
            ?? throw new TemplateFailure($"unexpected char {PythonText.Repr(CodePoints.Each(source.Substring(At, Math.Min(2, source.Length - At))).First())}", Line);
        if (sign is "(" or "[" or "{")
            _brackets.Push(sign == "(" ? ')' : sign == "[" ? ']' : '}');
        else if (sign is ")" or "]" or "}")
            Close(sign[0]);
        tokens.Add(new Token(TokenKind.Operator, Line, sign));
        Pass(At + sign.Length);
    }

    private void Close(char bracket)
    {
        if (!_brackets.TryPop(out var expected))
            throw new TemplateFailure($"unexpected '{bracket}'", Line);
        if (expected != bracket)
            throw new TemplateFailure($"unexpected '{bracket}', expected '{expected}'", Line);
    }

    private void Add(Value number, int length)
    {
        tokens.Add(new Token(TokenKind.Number, Line, "", number));
        Pass(At + length);
    }

    private void Pass(int end)
    {
        Line += source.AsSpan(At, end - At).Count('\n');
        At = end;
    }

    [GeneratedRegex(@"\G(?:[0-9]+_)*[0-9]+(?:(?:\.(?:[0-9]+_)*[0-9]+)?e[+\-]?(?:[0-9]+_)*[0-9]+|\.(?:[0-9]+_)*[0-9]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RealPattern();

    [GeneratedRegex(@"\G(?:0b(?:_?[0-1])+|0o(?:_?[0-7])+|0x(?:_?[0-9a-f])+|[1-9](?:_?[0-9])*|0(?:_?0)*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WholePattern();
}
