using System.Globalization;
using System.Numerics;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>A format specification, <c>[[fill]align][sign][#][0][width][,][.precision][type]</c>, and what it makes of a value: Python's format().</summary>
internal sealed record FormatSpec
{
    private string Fill { get; init; } = " ";

    private char? Align { get; init; }

    private char Sign { get; init; } = '-';

    private bool Alternate { get; init; }

    private int Width { get; init; }

    private char? Grouping { get; init; }

    private int? Precision { get; init; }

    private char? Type { get; init; }

    public static string Apply(Value value, string spec, Budget budget)
    {
        if (spec.Length == 0)
            return value.Str(budget);
        var parsed = Parse(spec);
        budget.Text((long)parsed.Width + (parsed.Precision ?? 0));
        return value switch
        {
            TextValue text => parsed.OfText(text.Text),
            FloatValue real => parsed.OfReal(real.Number),
            _ when Numbers.Int(value) is { } number => parsed.OfWhole(number),
            _ => throw new TemplateFailure($"unsupported format string passed to {value.TypeName}.__format__"),
        };
    }

    public static string InBase(BigInteger size, int radix)
    {
        if (size.IsZero)
            return "0";
        var digits = "";
        for (; !size.IsZero; size /= radix)
            digits = "0123456789abcdef"[(int)(size % radix)] + digits;
        return digits;
    }

    private static FormatSpec Parse(string spec)
    {
        var (at, parsed) = (0, new FormatSpec());
        var fill = CodePoints.Each(spec).First();
        if (fill.Length < spec.Length && spec[fill.Length] is '<' or '>' or '^' or '=')
            (parsed, at) = (parsed with { Fill = fill, Align = spec[fill.Length] }, fill.Length + 1);
        else if (spec[0] is '<' or '>' or '^' or '=')
            (parsed, at) = (parsed with { Align = spec[0] }, 1);
        if (At() is '+' or '-' or ' ')
            parsed = parsed with { Sign = spec[at++] };
        if (At() == 'z')
            at++;
        if (At() == '#')
            (parsed, at) = (parsed with { Alternate = true }, at + 1);
        if (At() == '0')
        {
            parsed = parsed.Align is null ? parsed with { Fill = "0", Align = '=' } : parsed;
            at++;
        }
        parsed = parsed with { Width = Number() ?? 0 };
        if (At() is ',' or '_')
            parsed = parsed with { Grouping = spec[at++] };
        if (At() == '.')
        {
            at++;
            parsed = parsed with { Precision = Number() ?? throw new TemplateFailure("Format specifier missing precision") };
        }
        if (at < spec.Length)
            parsed = parsed with { Type = spec[at++] };
        return at == spec.Length ? parsed : throw new TemplateFailure($"Invalid format specifier {PythonText.Repr(spec)}");

        char? At() => at < spec.Length ? spec[at] : null;

        int? Number()
        {
            var start = at;
            while (At() is >= '0' and <= '9')
                at++;
            return start == at ? null
                : int.TryParse(spec.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
                : throw new TemplateFailure("Too many decimal digits in format string");
        }
    }

    private string OfText(string text)
    {
        if (Type is not (null or 's') || Align == '=' && Fill != "0" || Sign != '-' || Alternate || Grouping is not null)
            throw new TemplateFailure($"format '{Type ?? Align ?? Sign}' does not fit a text");
        var cut = Precision < CodePoints.Length(text) ? text[..CodePoints.CharOf(text, Precision.Value)] : text;
        return Pad("", cut, Align is null or '=' ? '<' : Align.Value);
    }

    private string OfWhole(BigInteger number)
    {
        if (Type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%')
            return OfReal(Numbers.Real(number));
        if (Precision is not null)
            throw new TemplateFailure("Precision not allowed in integer format specifier");
        var size = BigInteger.Abs(number);
        var (prefix, digits) = Type switch
        {
            null or 'd' or 'n' => ("", IntValue.Digits(size)),
            'b' => ("0b", InBase(size, 2)),
            'o' => ("0o", InBase(size, 8)),
            'x' => ("0x", InBase(size, 16)),
            'X' => ("0X", InBase(size, 16).ToUpperInvariant()),
            'c' => ("", size < 0x110000 ? CodePoints.Text((int)size) : throw new TemplateFailure("%c arg not in range(0x110000)")),
            _ => throw new TemplateFailure($"Unknown format code '{Type}' for object of type 'int'"),
        };
        return Pad(SignOf(number.Sign < 0) + (Alternate ? prefix : ""), Grouped(digits, Type is null or 'd' or 'n' ? 3 : 4), Align ?? '>');
    }

    private string OfReal(double number)
    {
        if (Type is not (null or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'n' or '%'))
            throw new TemplateFailure($"Unknown format code '{Type}' for object of type 'float'");
        var body = Type is null ? RealFormat.Shown(number, Precision) : RealFormat.Of(number, Type is 'n' ? 'g' : Type.Value, Precision ?? 6, Alternate);
        var point = body.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var whole = point < 0 ? body : body[..point];
        return Pad(SignOf(double.IsNegative(number) && !double.IsNaN(number)), Grouped(whole, 3) + (point < 0 ? "" : body[point..]), Align ?? '>');
    }

    private string SignOf(bool negative) => negative ? "-" : Sign == '-' ? "" : Sign.ToString();

    private string Grouped(string digits, int size)
    {
        if (Grouping is not { } mark)
            return digits;
        for (var at = digits.Length - size; at > 0; at -= size)
            digits = digits.Insert(at, mark.ToString());
        return digits;
    }

    private string Pad(string sign, string body, char align)
    {
        var missing = Math.Max(0, Width - CodePoints.Length(sign) - CodePoints.Length(body));
        var before = align switch { '<' => 0, '^' => missing / 2, _ => missing };
        var (left, right) = (Filled(before), Filled(missing - before));
        return align == '=' ? sign + left + body : left + sign + body + right;
    }

    private string Filled(int count) => Fill.Length == 1 ? new string(Fill[0], count) : string.Concat(Enumerable.Repeat(Fill, count));
}
