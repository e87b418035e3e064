using System.Numerics;
using PeftCluster.Data.Chat.Jinja.Text;

namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>The attributes of int, bool and float that a template can use.</summary>
internal static class NumberAttributes
{
    public static Value? Of(Value number, string name) => number is FloatValue real ? OfFloat(real, name) : OfInt(Numbers.Int(number)!.Value, name);

    private static Value? OfInt(BigInteger number, string name) => name switch
    {
        "real" or "numerator" => IntValue.Of(number),
        "imag" => IntValue.Of(0),
        "denominator" => IntValue.Of(1),
        "conjugate" => Method(name, () => IntValue.Of(number)),
        "bit_length" => Method(name, () => IntValue.Of((long)BigInteger.Abs(number).GetBitLength())),
        "bit_count" => Method(name, () => IntValue.Of(BigInteger.PopCount(BigInteger.Abs(number)))),
        "is_integer" => Method(name, () => BoolValue.True),
        "as_integer_ratio" => Method(name, () => new TupleValue([IntValue.Of(number), IntValue.Of(1)])),
        _ => null,
    };

    private static Value? OfFloat(FloatValue real, string name) => name switch
    {
        "real" => real,
        "imag" => new FloatValue(0),
        "conjugate" => Method(name, () => real),
        "is_integer" => Method(name, () => double.IsFinite(real.Number) && Math.Floor(real.Number) == real.Number),
        "as_integer_ratio" when double.IsFinite(real.Number) => Method(name, () => Ratio(real.Number)),
        _ => null,
    };

    private static TupleValue Ratio(double number)
    {
        var (mantissa, exponent) = FloatDigits.Parts(number);
        var below = exponent < 0 ? BigInteger.One << -exponent : BigInteger.One;
        var above = exponent > 0 ? mantissa << exponent : mantissa;
        var common = BigInteger.GreatestCommonDivisor(above, below);
        return new TupleValue([IntValue.Of(above / common), IntValue.Of(below / common)]);
    }

    private static FunctionValue Method(string name, Func<Value> of) => new(name, (arguments, _) =>
    {
        arguments.Take(name, [], 0);
        return of();
    });
}
