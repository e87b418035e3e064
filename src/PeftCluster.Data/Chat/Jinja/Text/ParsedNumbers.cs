using System.Globalization;
using System.Numerics;

namespace PeftCluster.Data.Chat.Jinja.Text;

/// <summary>int(text, base) and float(text): white space around, single underscores between digits, any script's digits.</summary>
internal static class ParsedNumbers
{
    public static BigInteger? Int(string text, int radix)
    {
        var word = Ascii(text);
        var negative = word.StartsWith('-');
        var digits = word.TrimOne('-', '+');
        var prefix = digits.Length > 1 && digits[0] == '0' ? char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (prefix != 0 && (radix == prefix || radix == 0))
            (digits, radix) = (digits[2..].TrimOne('_'), prefix);
        else if (radix == 0 && digits.Length > 1 && digits[0] == '0' && digits.Any(digit => digit is not ('0' or '_')))
            return null;
        radix = radix == 0 ? 10 : radix;
        if (radix is < 2 or > 36 || digits.Length is 0 or > 4300 || !SinglyUnderscored(digits))
            return null;
        var number = BigInteger.Zero;
        foreach (var letter in digits.Where(letter => letter != '_'))
        {
            var digit = char.IsAsciiDigit(letter) ? letter - '0' : char.IsAsciiLetter(letter) ? char.ToLowerInvariant(letter) - 'a' + 10 : 99;
            if (digit >= radix)
                return null;
            number = number * radix + digit;
        }
        return negative ? -number : number;
    }

    public static double? Float(string text)
    {
        var word = Ascii(text);
        if (word.TrimOne('-', '+').ToUpperInvariant() is var name and ("INF" or "INFINITY" or "NAN"))
            return name == "NAN" ? double.NaN : word.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity;
        if (!word.Any(char.IsAsciiDigit) || word.Any(letter => !char.IsAsciiDigit(letter) && letter is not ('.' or '-' or '+' or 'e' or 'E' or '_')) || !UnderscoresBetweenDigits(word))
            return null;
        return double.TryParse(word.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            ? number : null;
    }

    private static bool SinglyUnderscored(string digits) => digits[0] != '_' && digits[^1] != '_' && !digits.Contains("__", StringComparison.Ordinal);

    private static bool UnderscoresBetweenDigits(string word)
    {
        for (var index = word.IndexOf('_', StringComparison.Ordinal); index >= 0; index = word.IndexOf('_', index + 1))
        {
            if (index == 0 || index + 1 == word.Length || !char.IsAsciiDigit(word[index - 1]) || !char.IsAsciiDigit(word[index + 1]))
                return false;
        }
        return true;
    }

    /// <summary>Without the white space around, other scripts' digits as ASCII ones.</summary>
    private static string Ascii(string text) => string.Concat(CodePoints.Numbers(text.Trim(PythonText.Spaces.ToCharArray()))
        .Select(number => number >= 0x80 && CharUnicodeInfo.GetDecimalDigitValue(CodePoints.Text(number), 0) is >= 0 and var digit ? ((char)('0' + digit)).ToString() : CodePoints.Text(number)));

    /// <summary>Without one of the letters at the start.</summary>
    private static string TrimOne(this string text, params ReadOnlySpan<char> letters) => text.Length > 0 && letters.Contains(text[0]) ? text[1..] : text;
}
