using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PeftCluster.Data.Tokenizers.Patterns;

/// <summary>
/// A pattern of Oniguruma (Ruby's syntax, the one that <c>tokenizers</c> uses) in .NET's words. Different are: possessive
/// quantifiers, quantifiers on quantifiers, {,n}, what \w holds, classes inside of classes. What .NET cannot say is
/// refused by its name; a pattern that reads the same in both passes through.
/// </summary>
internal sealed partial class OnigurumaSyntax
{
    /// <summary>What Oniguruma's \w is inside of a class.</summary>
    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9";

    /// <summary>Outside of one it is also Latin-1's fractions and raised digits (tried with every code point).</summary>
    private const string WordAlone = Word + @"\u00B2\u00B3\u00B9\u00BC-\u00BE";

    private const int DeepestClass = 16;

    private static readonly string[] Categories =
    [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn",
    ];

    private readonly string _pattern;
    private readonly StringBuilder _result = new();
    private int _at;

    private OnigurumaSyntax(string pattern) => _pattern = pattern;

    /// <exception cref="ArgumentException">The pattern is damaged, or has what .NET cannot say.</exception>
    public static string ToDotNet(string pattern)
    {
        var syntax = new OnigurumaSyntax(pattern);
        syntax.Translate();
        return syntax._result.ToString();
    }

    private bool At(string what) => string.CompareOrdinal(_pattern, _at, what, 0, what.Length) == 0;

    private static ArgumentException Unknown(string what) => new($"{what} is not supported.");

    private void Translate()
    {
        // Where the last atom begins in the result, and whether it has a quantifier already.
        var (atom, quantified, groups) = (0, false, new Stack<int>());
        while (_at < _pattern.Length)
        {
            if (Quantifier() is { } quantifier)
            {
                Quantify(atom, quantified, quantifier);
                quantified = true;
                continue;
            }
            (var from, quantified) = (_result.Length, false);
            switch (_pattern[_at])
            {
                case '\\':
                    Escape(inClass: false);
                    break;
                case '[':
                    Class();
                    break;
                case '(':
                    groups.Push(from);
                    Group();
                    break;
                case ')' when groups.TryPop(out var start):
                    from = start;
                    Copy();
                    break;
                case '{':
                    _at++;
                    _result.Append(@"\{");
                    break;
                default:
                    Copy();
                    break;
            }
            atom = from;
        }
    }

    private void Copy()
    {
        if (char.IsSurrogate(_pattern[_at]))
            throw Unknown("A character beyond U+FFFF");
        _result.Append(_pattern[_at++]);
    }

    [GeneratedRegex(@"\G(?:[*+?]|\{(?<least>[0-9]*)(?<comma>,)?(?<most>[0-9]*)\})")]
    private static partial Regex QuantifierPattern();

    /// <summary>The quantifier that stands here, and moves behind it.</summary>
    private string? Quantifier()
    {
        var match = QuantifierPattern().Match(_pattern, _at);
        var (least, comma, most) = (match.Groups["least"].Value, match.Groups["comma"].Success, match.Groups["most"].Value);
        if (!match.Success || match.Value is "{}" or "{,}")
            return null;
        _at += match.Length;
        if (match.Value[0] != '{')
            return match.Value;
        if (!comma && At("?"))
            throw Unknown($"{match.Value}?");
        return comma ? $"{{{(least.Length > 0 ? least : "0")},{most}}}" : match.Value;
    }

    private void Quantify(int atom, bool quantified, string quantifier)
    {
        if (quantified)
            Wrap(atom, "(?:");
        _result.Append(quantifier);
        if (At("?"))
            _result.Append(_pattern[_at++]);
        else if (At("+") && quantifier.Length == 1) // a second quantifier behind {n,m} repeats it, and is read as one
        {
            _at++;
            Wrap(atom, "(?>");
        }
    }

    private void Wrap(int atom, string opening) => _result.Insert(atom, opening).Append(')');

    [GeneratedRegex(@"\G\((?:\?(?:[:=!>]|<[=!]|<[A-Za-z_][A-Za-z0-9_]*>|[imx]*(?:-[imx]+)?[:)]))?")]
    private static partial Regex GroupPattern();

    private void Group()
    {
        var match = GroupPattern().Match(_pattern, _at);
        if (match.Value == "(" && At("(?"))
            throw Unknown($"The group {_pattern.AsSpan(_at, Math.Min(4, _pattern.Length - _at))}");
        // To the pattern's or group's end; in an alternative, Oniguruma takes those that follow in with it.
        if (match.Value.EndsWith(')') && _at > 0)
            throw Unknown($"{match.Value} inside of a pattern");
        _at += match.Value.EndsWith(')') ? match.Length - 1 : match.Length;
        // Ruby's m lets the dot match line ends; .NET's letter for that is s.
        var options = match.Value.StartsWith("(?", StringComparison.Ordinal) && !match.Value.StartsWith("(?<", StringComparison.Ordinal);
        _result.Append(options ? match.Value.TrimEnd(')').Replace('m', 's') : match.Value);
    }

    private void Escape(bool inClass)
    {
        if (_at + 1 >= _pattern.Length)
            throw new ArgumentException("It ends with a backslash.");
        var letter = _pattern[_at + 1];
        switch (letter)
        {
            case 'p' or 'P':
                Property();
                return;
            case 'w':
                _result.Append(inClass ? Word : $"[{WordAlone}]");
                break;
            case 'W' when !inClass:
                _result.Append(CultureInfo.InvariantCulture, $"[^{WordAlone}]");
                break;
            case 'x' or 'u':
                CodePoint();
                return;
            case 'n' or 'r' or 't' or 'f' or 'v' or 'a' or 'e' or 'd' or 'D' or 's' or 'S':
            case 'b' or 'B' or 'A' or 'z' or 'Z' or (>= '1' and <= '9') when !inClass:
            case not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or (>= '\uD800' and <= '\uDFFF')):
                _result.Append('\\').Append(letter);
                break;
            default:
                throw Unknown(inClass ? $@"\{letter} in a class" : $@"\{letter}");
        }
        _at += 2;
    }

    [GeneratedRegex(@"\G\\(?<letter>[pP])\{(?<not>\^?)(?<name>[A-Za-z_]+)\}")]
    private static partial Regex PropertyPattern();

    private void Property()
    {
        var match = PropertyPattern().Match(_pattern, _at);
        var name = match.Groups["name"].Value;
        var category = Categories.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw Unknown(match.Success ? match.Value : @"\p without a name in braces");
        var negative = match.Groups["letter"].Value == "P" != match.Groups["not"].Length > 0;
        _result.Append(negative ? @"\P{" : @"\p{").Append(category).Append('}');
        _at += match.Length;
    }

    [GeneratedRegex(@"\G\\(?:x\{(?<hex>[0-9A-Fa-f]{1,6})\}|x(?<hex>[0-9A-Fa-f]{1,2})|u(?<hex>[0-9A-Fa-f]{4}))")]
    private static partial Regex CodePointPattern();

    private void CodePoint()
    {
        var match = CodePointPattern().Match(_pattern, _at);
        if (!match.Success || int.Parse(match.Groups["hex"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is not (<= 0xFFFF and var point))
            throw Unknown(match.Success ? match.Value : $@"\{_pattern[_at + 1]} without a number");
        _result.Append(CultureInfo.InvariantCulture, $@"\u{point:X4}");
        _at += match.Length;
    }

    private void Class()
    {
        _result.Append('[');
        _at++;
        if (At("^"))
            Copy();
        Members(depth: 0);
        _result.Append(']');
    }

    /// <summary>What a class holds, to its end. Classes inside of it add what they hold.</summary>
    private void Members(int depth)
    {
        if (depth > DeepestClass)
            throw Unknown($"A class inside of {DeepestClass} others");
        for (var first = true; !At("]") || (first && depth == 0); first = false)
        {
            if (_at >= _pattern.Length)
                throw new ArgumentException("A class does not end.");
            if (At("&&") || At("[^") || At("[:") || At("-["))
                throw Unknown($"{_pattern.AsSpan(_at, 2)} in a class");
            if (At("\\"))
                Escape(inClass: true);
            else if (At("["))
            {
                _at++;
                Members(depth + 1);
            }
            else if (At("]"))
            {
                _at++;
                _result.Append(@"\]");
            }
            else
                Copy();
        }
        _at++;
    }
}
