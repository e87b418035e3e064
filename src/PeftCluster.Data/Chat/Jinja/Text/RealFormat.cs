using System.Globalization;

namespace PeftCluster.Data.Chat.Jinja.Text;

/// <summary>The formats e, f, g and % of a float, as % and format() share them; without a sign.</summary>
internal static class RealFormat
{
    /// <param name="alternate">#: keep the point and g's zeros.</param>
    public static string Of(double number, char type, int precision, bool alternate)
    {
        var size = Math.Abs(number);
        if (!double.IsFinite(size))
            return Cased(double.IsNaN(size) ? "nan" : "inf", type) + (type == '%' ? "%" : "");
        return char.ToLowerInvariant(type) switch
        {
            'f' => Fixed(size, precision, alternate),
            '%' => Fixed(size * 100, precision, alternate) + "%",
            'e' => Cased(Scientific(size, precision, alternate), type),
            _ => Cased(General(size, Math.Max(1, precision), alternate), type),
        };
    }

    private static string Fixed(double size, int precision, bool alternate) => FloatDigits.Fixed(size, precision) + (alternate && precision == 0 ? "." : "");

    private static string Scientific(double size, int precision, bool alternate)
    {
        var (digits, exponent) = FloatDigits.Significant(size, precision);
        var text = FloatDigits.Scientific(digits, exponent, 2);
        return alternate && precision == 0 ? text.Insert(1, ".") : text;
    }

    private static string General(double size, int precision, bool alternate)
    {
        var (digits, exponent) = FloatDigits.Significant(size, precision - 1);
        if (!alternate)
            digits = digits.TrimEnd('0') is { Length: > 0 } left ? left : "0";
        if (exponent < -4 || exponent >= precision)
            return FloatDigits.Scientific(digits, exponent, 2);
        if (exponent < 0)
            return $"0.{new string('0', -exponent - 1)}{digits}";
        var whole = digits.PadRight(exponent + 1, '0');
        return whole.Length == exponent + 1 ? whole + (alternate ? "." : "") : $"{whole[..(exponent + 1)]}.{whole[(exponent + 1)..]}";
    }

    /// <summary>format(number, ""): repr's digits, or with a precision g's, and never without a point.</summary>
    public static string Shown(double number, int? precision)
    {
        if (precision is null)
            return FloatDigits.Repr(Math.Abs(number));
        var (digits, exponent) = FloatDigits.Significant(Math.Abs(number), Math.Max(1, precision.Value) - 1);
        var general = Of(number, 'g', precision.Value, false);
        // Where g would print a whole number with all its digits, Python goes over to the exponent one digit earlier.
        if (double.IsFinite(number) && exponent >= Math.Max(1, precision.Value) - 1 && exponent < Math.Max(1, precision.Value))
            return FloatDigits.Scientific(digits.TrimEnd('0') is { Length: > 0 } left ? left : "0", exponent, 2);
        return double.IsFinite(number) && !general.AsSpan().ContainsAny('.', 'e') ? general + ".0" : general;
    }

    private static string Cased(string text, char type) => char.IsUpper(type) ? text.ToUpper(CultureInfo.InvariantCulture) : text;
}
