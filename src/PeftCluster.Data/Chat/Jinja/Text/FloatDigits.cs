using System.Globalization;
using System.Numerics;

namespace PeftCluster.Data.Chat.Jinja.Text;

/// <summary>
/// Digits of a float as Python prints them: the shortest that read back (repr), or so many places, rounded half to even from the exact
/// value. .NET rounds halves away from zero, so the rounding is done here in whole numbers.
/// </summary>
internal static class FloatDigits
{
    /// <summary>repr(): 1.0, 1e+16, 1e-05, inf.</summary>
    public static string Repr(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        var (negative, digits, exponent) = Shortest(number);
        var body = exponent is < -4 or >= 16 ? Scientific(digits, exponent, 2) : Plain(digits, exponent);
        return negative ? "-" + body : body;
    }

    /// <summary>The value as mantissa · 2^exponent.</summary>
    public static (BigInteger Mantissa, int Exponent) Parts(double number)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        var (exponent, mantissa) = ((int)((bits >> 52) & 0x7FF), bits & 0xFFFFFFFFFFFFFL);
        if (exponent == 0)
            exponent++;
        else
            mantissa |= 1L << 52;
        return (bits < 0 ? -mantissa : mantissa, exponent - 1075);
    }

    /// <summary>So many places behind the point, of a finite number's size (its sign is left to the caller).</summary>
    public static string Fixed(double number, int places)
    {
        var digits = Scaled(number, places).ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        return places == 0 ? digits : $"{digits[..^places]}.{digits[^places..]}";
    }

    /// <summary>One digit before the point and so many places behind it, and the power of ten that goes with them.</summary>
    public static (string Digits, int Exponent) Significant(double number, int places)
    {
        if (number == 0)
            return (new string('0', places + 1), 0);
        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(number)));
        // The logarithm may be off by one at a power of ten, and rounding may add a digit.
        for (var tries = exponent + 1; ; tries--)
        {
            var digits = Scaled(number, places - tries).ToString(CultureInfo.InvariantCulture);
            if (digits.Length > places + 1)
                return (digits[..(places + 1)], tries + 1);
            if (digits.Length == places + 1)
                return (digits, tries);
        }
    }

    /// <summary>|number| · 10^places, rounded half to even.</summary>
    private static BigInteger Scaled(double number, int places)
    {
        var (mantissa, exponent) = Parts(Math.Abs(number));
        var (above, below) = (mantissa, BigInteger.One);
        if (exponent > 0)
            above <<= exponent;
        else
            below <<= -exponent;
        if (places > 0)
            above *= BigInteger.Pow(10, places);
        else
            below *= BigInteger.Pow(10, -places);
        var whole = BigInteger.DivRem(above, below, out var rest);
        var half = (rest << 1).CompareTo(below);
        return half > 0 || (half == 0 && !whole.IsEven) ? whole + 1 : whole;
    }

    /// <summary>round(number, places) for a float.</summary>
    public static double Round(double number, int places)
    {
        if (!double.IsFinite(number) || places > 323)
            return number;
        if (places < -308)
            return Math.CopySign(0, number);
        var scaled = Scaled(number, places);
        var text = $"{scaled.ToString(CultureInfo.InvariantCulture)}E{-places}";
        return Math.CopySign(double.Parse(text, CultureInfo.InvariantCulture), number);
    }

    private static (bool Negative, string Digits, int Exponent) Shortest(double number)
    {
        var shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var (mantissa, exponent) = mark < 0 ? (shortest, 0) : (shortest[..mark], int.Parse(shortest[(mark + 1)..], CultureInfo.InvariantCulture));
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        exponent += (point < 0 ? digits.Length : point) - 1;
        var zeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        return (double.IsNegative(number), digits.Length == 0 ? "0" : digits, number == 0 ? 0 : exponent - zeros);
    }

    private static string Plain(string digits, int exponent)
    {
        if (exponent < 0)
            return $"0.{new string('0', -exponent - 1)}{digits}";
        var padded = digits.PadRight(exponent + 1, '0');
        return padded.Length == exponent + 1 ? padded + ".0" : $"{padded[..(exponent + 1)]}.{padded[(exponent + 1)..]}";
    }

    public static string Scientific(string digits, int exponent, int leastExponentDigits)
    {
        var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
        return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString(CultureInfo.InvariantCulture).PadLeft(leastExponentDigits, '0')}");
    }
}
