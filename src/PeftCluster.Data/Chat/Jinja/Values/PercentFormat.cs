using System.Globalization;
using System.Numerics;
using System.Text;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>text % values: Python's printf.</summary>
internal sealed class PercentFormat
{
    private readonly TextValue _format;
    private readonly Value _values;
    private readonly Budget _budget;
    private readonly IReadOnlyList<Value> _items;
    private int _at;
    private int _next;
    private bool _byName;

    private PercentFormat(TextValue format, Value values, Budget budget) =>
        (_format, _values, _budget, _items) = (format, values, budget, values is TupleValue tuple ? tuple.Items : [values]);

    public static Value Apply(TextValue format, Value values, Budget budget) => new PercentFormat(format, values, budget).Written();

    private TextValue Written()
    {
        var (text, written) = (_format.Text, new StringBuilder());
        while (_at < text.Length)
        {
            var percent = text.IndexOf('%', _at);
            var end = percent < 0 ? text.Length : percent;
            written.Append(text, _at, end - _at);
            _at = end + 1;
            if (percent >= 0)
                written.Append(_budget.Made(Field()));
        }
        if (_next < _items.Count && !_byName && !(_next == 0 && _values is DictValue or ListValue or UndefinedValue))
            throw new TemplateFailure("not all arguments converted during string formatting");
        return new TextValue(_budget.Made(written.ToString()), _format.Safe);
    }

    private string Field()
    {
        string? name = Peek == '(' ? Name() : null;
        var flags = "";
        while (Peek is '-' or '+' or ' ' or '#' or '0')
            flags += _format.Text[_at++];
        var width = Number() ?? 0;
        if (width < 0)
            (flags, width) = (flags + "-", -width);
        int? precision = null;
        if (Peek == '.')
        {
            _at++;
            precision = Math.Max(0, Number() ?? 0);
        }
        while (Peek is 'h' or 'l' or 'L')
            _at++;
        var type = Peek ?? throw new TemplateFailure("incomplete format");
        _at++;
        if (type == '%')
            return "%";
        var value = name is null ? Next() : Named(name);
        _budget.Text(Math.Max(width, precision ?? 0));
        return Pad(Convert(type, value, flags, precision), flags, width, "diouxXeEfFgG".Contains(type, StringComparison.Ordinal));
    }

    private (string Sign, string Body) Convert(char type, Value value, string flags, int? precision)
    {
        switch (type)
        {
            case 's' or 'r' or 'a':
                var text = type == 's' ? Escaped(value) : Escaped(new TextValue(type == 'r' ? ReprWriter.Of(value, _budget) : PythonText.Ascii(ReprWriter.Of(value, _budget))));
                return ("", precision < CodePoints.Length(text) ? text[..CodePoints.CharOf(text, precision.Value)] : text);
            case 'c':
                return ("", value is TextValue { Length: 1 } letter ? letter.Text : CodePoints.Text(Character(value)));
            case 'd' or 'i' or 'u' or 'o' or 'x' or 'X':
                var number = Whole(type, value);
                return (SignOf(number.Sign < 0, flags), IntegerDigits(type, BigInteger.Abs(number), flags, precision));
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                var real = value is UndefinedValue missing ? throw missing.Failure
                    : Numbers.Is(value) ? Numbers.Real(value) : throw new TemplateFailure($"must be real number, not {value.TypeName}");
                return (SignOf(double.IsNegative(real) && !double.IsNaN(real), flags), RealFormat.Of(real, type, precision ?? 6, flags.Contains('#', StringComparison.Ordinal)));
            default:
                throw new TemplateFailure($"unsupported format character '{type}'");
        }
    }

    private string Escaped(Value value) => _format.Safe ? TextValue.Escape(value, _budget).Text : value.Str(_budget);

    private static string IntegerDigits(char type, BigInteger size, string flags, int? precision)
    {
        var digits = type switch
        {
            'o' => FormatSpec.InBase(size, 8),
            'x' => FormatSpec.InBase(size, 16),
            'X' => FormatSpec.InBase(size, 16).ToUpperInvariant(),
            _ => IntValue.Digits(size),
        };
        var prefix = flags.Contains('#', StringComparison.Ordinal) && type is 'o' or 'x' or 'X' ? $"0{type}" : "";
        return prefix + digits.PadLeft(precision ?? 0, '0');
    }

    private static BigInteger Whole(char type, Value value) => value switch
    {
        UndefinedValue missing => throw missing.Failure,
        FloatValue { Number: var real } when double.IsFinite(real) && type is 'd' or 'i' or 'u' => new BigInteger(real),
        _ => Numbers.Int(value) ?? throw new TemplateFailure($"%{type} format: a number is required, not {value.TypeName}"),
    };

    private static int Character(Value value) => Numbers.Int(value) is { } code && code >= 0 && code < 0x110000 ? (int)code : throw new TemplateFailure("%c requires int or char");

    private static string SignOf(bool negative, string flags) => negative ? "-"
        : flags.Contains('+', StringComparison.Ordinal) ? "+"
        : flags.Contains(' ', StringComparison.Ordinal) ? " " : "";

    private static string Pad((string Sign, string Body) text, string flags, int width, bool number)
    {
        var missing = width - text.Sign.Length - CodePoints.Length(text.Body);
        if (missing <= 0)
            return text.Sign + text.Body;
        if (flags.Contains('-', StringComparison.Ordinal))
            return text.Sign + text.Body + new string(' ', missing);
        return flags.Contains('0', StringComparison.Ordinal) && number
            ? text.Sign + new string('0', missing) + text.Body
            : new string(' ', missing) + text.Sign + text.Body;
    }

    private char? Peek => _at < _format.Text.Length ? _format.Text[_at] : null;

    private string Name()
    {
        var (start, depth) = (++_at, 1);
        for (; _at < _format.Text.Length && depth > 0; _at++)
            depth += _format.Text[_at] == '(' ? 1 : _format.Text[_at] == ')' ? -1 : 0;
        return depth == 0 ? _format.Text[start..(_at - 1)] : throw new TemplateFailure("incomplete format key");
    }

    private Value Named(string name)
    {
        _byName = true;
        return _values is DictValue dict
            ? dict.Item(name) ?? throw new TemplateFailure($"there is no key {PythonText.Repr(name)} to format")
            : throw new TemplateFailure("format requires a mapping");
    }

    private int? Number()
    {
        if (Peek == '*')
        {
            _at++;
            return Numbers.Need(Next());
        }
        var start = _at;
        while (Peek is >= '0' and <= '9')
            _at++;
        return start == _at ? null
            : int.TryParse(_format.Text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new TemplateFailure("width too big");
    }

    private Value Next() => _next < _items.Count ? _items[_next++] : throw new TemplateFailure("not enough arguments for format string");
}
