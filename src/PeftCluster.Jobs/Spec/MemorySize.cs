using System.Globalization;

namespace PeftCluster.Jobs.Spec;

/// <summary>An amount of memory as people write it: 4GB is 4·10⁹ bytes, 4GiB 4·2³⁰.</summary>
public static class MemorySize
{
    /// <summary>A number with at most three decimals and a unit.</summary>
    public const string Regex = @"^[0-9]{1,6}(\.[0-9]{1,3})?(MB|GB|TB|MiB|GiB|TiB)$";

    /// <summary>What a text is that <see cref="Regex"/> matches.</summary>
    public const string Words = "an amount of memory such as 4GB or 800MB";

    /// <summary>Whether a text is one.</summary>
    public static bool Is(string text) => System.Text.RegularExpressions.Regex.IsMatch(text, Regex);

    /// <summary>The bytes that a text which matches <see cref="Regex"/> says.</summary>
    public static long Bytes(string text)
    {
        var binary = text.EndsWith("iB", StringComparison.Ordinal);
        var power = "MGT".IndexOf(text[^(binary ? 3 : 2)], StringComparison.Ordinal) + 2;
        var number = decimal.Parse(text.AsSpan(0, text.Length - (binary ? 3 : 2)), CultureInfo.InvariantCulture);
        return (long)(number * (decimal)Math.Pow(binary ? 1024 : 1000, power));
    }
}
