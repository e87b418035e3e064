using System.Numerics;
using System.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>+ − * / // % ** and the signs, with Python's types: / gives a float, // and % round down, texts and lists add and repeat.</summary>
internal static class Arithmetic
{
    /// <summary>Far above any number that a template has use for; beyond it, arithmetic takes noticeable time.</summary>
    private const long MostBits = 200_000;

    public static Value Add(Value left, Value right, Budget budget) => (left, right) switch
    {
        _ when BothNumbers(left, right) => Numeric("+", left, right),
        (TextValue a, TextValue b) => a.Safe || b.Safe
            ? new TextValue(budget.Made(TextValue.Escape(a, budget).Text + TextValue.Escape(b, budget).Text), safe: true)
            : new TextValue(Joined(a.Text, b.Text, budget)),
        (ListValue a, ListValue b) => new ListValue(Joined(a, b, budget)),
        (TupleValue a, TupleValue b) => new TupleValue(Joined(a, b, budget)),
        _ => throw Wrong("+", left, right),
    };

    public static Value Multiply(Value left, Value right, Budget budget) => (left, right) switch
    {
        _ when BothNumbers(left, right) => Numeric("*", left, right),
        (TextValue or SequenceValue, _) when Numbers.Int(right) is not null => Repeat(left, Numbers.Need(right), budget),
        (_, TextValue or SequenceValue) when Numbers.Int(left) is not null => Repeat(right, Numbers.Need(left), budget),
        _ => throw Wrong("*", left, right),
    };

    public static Value Binary(string sign, Value left, Value right, Budget budget) => sign switch
    {
        "+" => Add(left, right, budget),
        "*" => Multiply(left, right, budget),
        "%" when left is TextValue text => PercentFormat.Apply(text, right, budget),
        _ when BothNumbers(left, right) => Numeric(sign, left, right),
        _ => throw Wrong(sign, left, right),
    };

    public static Value Negative(Value value) => value switch
    {
        FloatValue real => new FloatValue(-real.Number),
        _ when Numbers.Int(value) is { } number => IntValue.Of(-number),
        _ => throw WrongSign("-", value),
    };

    public static Value Positive(Value value) => value is FloatValue ? value
        : Numbers.Int(value) is { } number ? IntValue.Of(number)
        : throw WrongSign("+", value);

    private static bool BothNumbers(Value left, Value right) => Numbers.Is(left) && Numbers.Is(right);

    private static Value Numeric(string sign, Value left, Value right) =>
        Numbers.Int(left) is { } a && Numbers.Int(right) is { } b ? Whole(sign, a, b) : new FloatValue(Real(sign, Numbers.Real(left), Numbers.Real(right)));

    private static Value Whole(string sign, BigInteger a, BigInteger b) => sign switch
    {
        "+" => IntValue.Of(a + b),
        "-" => IntValue.Of(a - b),
        "*" => IntValue.Of(Sized(a.GetBitLength() + b.GetBitLength()) ? a * b : 0),
        "/" => new FloatValue(Numbers.Divide(a, b)),
        "//" => IntValue.Of(Floor(a, b).Quotient),
        "%" => IntValue.Of(Floor(a, b).Remainder),
        _ when b.Sign < 0 => new FloatValue(Real("**", Numbers.Real(a), Numbers.Real(b))),
        _ => IntValue.Of(BigInteger.Abs(a) <= 1 || Sized(b > MostBits ? long.MaxValue : a.GetBitLength() * (long)b) ? Power(a, b) : 0),
    };

    private static BigInteger Power(BigInteger a, BigInteger b) => BigInteger.Abs(a) <= 1 ? (a.Sign < 0 && b.IsEven ? 1 : b.IsZero ? 1 : a) : BigInteger.Pow(a, (int)b);

    private static bool Sized(long bits) => bits <= MostBits ? true : throw new TemplateFailure("makes a number of more than 60,000 digits");

    private static (BigInteger Quotient, BigInteger Remainder) Floor(BigInteger a, BigInteger b)
    {
        if (b.IsZero)
            throw new TemplateFailure("division by zero");
        var quotient = BigInteger.DivRem(a, b, out var rest);
        return rest.IsZero || rest.Sign == b.Sign ? (quotient, rest) : (quotient - 1, rest + b);
    }

    private static double Real(string sign, double a, double b) => sign switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "**" => Power(a, b),
        _ when b == 0 => throw new TemplateFailure("division by zero"),
        "/" => a / b,
        "//" => Floor(a, b).Quotient,
        _ => Floor(a, b).Remainder,
    };

    /// <summary>Python's divmod of floats: the rest has the divisor's sign, and the quotient is rounded to fit it.</summary>
    private static (double Quotient, double Remainder) Floor(double a, double b)
    {
        var rest = a % b;
        var quotient = (a - rest) / b;
        if (rest != 0)
        {
            if ((b < 0) != (rest < 0))
                (rest, quotient) = (rest + b, quotient - 1);
        }
        else
        {
            rest = Math.CopySign(0, b);
        }
        if (quotient == 0)
            return (Math.CopySign(0, a / b), rest);
        var floor = Math.Floor(quotient);
        return (quotient - floor > 0.5 ? floor + 1 : floor, rest);
    }

    private static double Power(double a, double b)
    {
        if (a == 0 && b < 0)
            throw new TemplateFailure("zero to a negative power");
        var power = Math.Pow(a, b);
        if (double.IsNaN(power) && !double.IsNaN(a) && !double.IsNaN(b))
            throw new TemplateFailure("a negative number to a broken power is a complex number, which templates have no use for");
        return double.IsInfinity(power) && double.IsFinite(a) && double.IsFinite(b) ? throw new TemplateFailure("(34, 'Numerical result out of range')") : power;
    }

    private static string Joined(string left, string right, Budget budget)
    {
        budget.Text((long)left.Length + right.Length);
        return left + right;
    }

    private static Value[] Joined(SequenceValue left, SequenceValue right, Budget budget)
    {
        budget.Step(left.Items.Count + right.Items.Count);
        return [.. left.Items, .. right.Items];
    }

    private static Value Repeat(Value value, int count, Budget budget)
    {
        count = Math.Max(0, count);
        if (value is TextValue text)
        {
            budget.Text((long)text.Text.Length * count);
            return new TextValue(text.Text.Length == 0 ? "" : new StringBuilder().Insert(0, text.Text, count).ToString(), text.Safe);
        }
        var items = ((SequenceValue)value).Items;
        budget.Step((long)items.Count * count);
        Value[] repeated = [.. items.Count == 0 ? [] : Enumerable.Range(0, count).SelectMany(_ => items)];
        return value is ListValue ? new ListValue(repeated) : new TupleValue(repeated);
    }

    private static TemplateFailure Wrong(string sign, Value left, Value right) =>
        left is UndefinedValue missing ? missing.Failure
        : right is UndefinedValue other ? other.Failure
        : new TemplateFailure($"unsupported operand type(s) for {sign}: '{left.TypeName}' and '{right.TypeName}'");

    private static TemplateFailure WrongSign(string sign, Value value) =>
        value is UndefinedValue missing ? missing.Failure : new TemplateFailure($"bad operand type for unary {sign}: '{value.TypeName}'");
}
