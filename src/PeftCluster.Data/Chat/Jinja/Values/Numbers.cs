using System.Globalization;
using System.Numerics;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>What counts as a number, and how an int meets a float: exactly, as in Python.</summary>
internal static class Numbers
{
    private static readonly BigInteger Exact = BigInteger.One << 53;

    public static bool Is(Value value) => value is IntValue or BoolValue or FloatValue;

    /// <summary>An int or bool as a number, else null.</summary>
    public static BigInteger? Int(Value value) => value switch
    {
        IntValue whole => whole.Number,
        BoolValue flag => flag.Truth ? BigInteger.One : BigInteger.Zero,
        _ => null,
    };

    /// <summary>A number without a fraction, also a float such as 3.0, else null.</summary>
    public static BigInteger? Whole(Value value) => value is FloatValue { Number: var real }
        ? double.IsFinite(real) && Math.Floor(real) == real ? new BigInteger(real) : null
        : Int(value);

    /// <summary>An int argument that must fit the machine; a float is refused, as Python refuses it.</summary>
    public static int Need(Value value, string what = "an integer")
    {
        var number = Int(value) ?? throw new TemplateFailure(value is UndefinedValue missing ? missing.Message : $"'{value.TypeName}' object cannot be interpreted as an integer ({what})");
        return number >= int.MinValue && number <= int.MaxValue ? (int)number : number.Sign < 0 ? int.MinValue : int.MaxValue;
    }

    /// <summary>The place that an index means in a sequence, counted from its end where negative; null: none, or not an int.</summary>
    public static int? Index(Value key, int count)
    {
        if (Int(key) is not { } number)
            return null;
        var index = number.Sign < 0 ? number + count : number;
        return index.Sign >= 0 && index < count ? (int)index : null;
    }

    public static double Real(Value value) => value is FloatValue real ? real.Number : Real(Int(value)!.Value);

    /// <summary>The float nearest to an int.</summary>
    public static double Real(BigInteger number)
    {
        if (BigInteger.Abs(number) <= Exact)
            return (double)number;
        var real = number.GetBitLength() > 1024 ? double.PositiveInfinity : double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return double.IsFinite(real) ? real : throw new TemplateFailure("int too large to convert to float");
    }

    /// <summary>a / b as the nearest float; neither has to fit a float.</summary>
    public static double Divide(BigInteger above, BigInteger below)
    {
        if (below.IsZero)
            throw new TemplateFailure("division by zero");
        if (BigInteger.Abs(above) <= Exact && BigInteger.Abs(below) <= Exact)
            return (double)above / (double)below;
        // 66 bits of the quotient and one that says whether anything is left: enough to round once.
        var shift = (int)(66 - (BigInteger.Abs(above).GetBitLength() - BigInteger.Abs(below).GetBitLength()));
        var (shifted, divisor) = shift >= 0 ? (BigInteger.Abs(above) << shift, BigInteger.Abs(below)) : (BigInteger.Abs(above), BigInteger.Abs(below) << -shift);
        var quotient = (BigInteger.DivRem(shifted, divisor, out var rest) << 1) | (rest.IsZero ? 0 : 1);
        var real = Math.ScaleB(Real(quotient), -shift - 1);
        if (double.IsInfinity(real))
            throw new TemplateFailure("integer division result too large for a float");
        return above.Sign == below.Sign ? real : -real;
    }

    /// <summary>The order of two numbers; null where one is not a number (nan).</summary>
    public static int? Compare(Value left, Value right)
    {
        if (Int(left) is { } whole && Int(right) is { } other)
            return whole.CompareTo(other);
        if (left is FloatValue a && right is FloatValue b)
            return double.IsNaN(a.Number) || double.IsNaN(b.Number) ? null : a.Number.CompareTo(b.Number);
        if (left is FloatValue)
            return -Compare(right, left);
        var (number, real) = (Int(left)!.Value, ((FloatValue)right).Number);
        if (double.IsNaN(real))
            return null;
        if (double.IsInfinity(real))
            return real > 0 ? -1 : 1;
        var floor = Math.Floor(real);
        var order = number.CompareTo(new BigInteger(floor));
        return order != 0 || floor == real ? order : -1;
    }
}
