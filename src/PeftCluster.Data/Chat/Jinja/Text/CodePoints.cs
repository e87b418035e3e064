using System.Text;

namespace PeftCluster.Data.Chat.Jinja.Text;

/// <summary>
/// Python counts a text in code points, .NET in chars of 16 bits. Places that templates see are code points; a text without surrogates,
/// which is nearly every one, needs no counting.
/// </summary>
internal static class CodePoints
{
    private static readonly System.Buffers.SearchValues<char> Surrogates = System.Buffers.SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(code => (char)code)]);

    public static bool OnePerChar(string text) => !text.AsSpan().ContainsAny(Surrogates);

    public static int Length(string text) => OnePerChar(text) ? text.Length : Count(text);

    /// <summary>Code points before a char's place.</summary>
    public static int Before(string text, int index) => OnePerChar(text) ? index : Count(text.AsSpan(0, index));

    /// <summary>The char's place of a code point's.</summary>
    public static int CharOf(string text, int point)
    {
        if (OnePerChar(text))
            return point;
        var index = 0;
        while (point-- > 0 && index < text.Length)
            index += SizeAt(text, index);
        return index;
    }

    /// <summary>The text's code points, each a text of its own.</summary>
    public static IEnumerable<string> Each(string text)
    {
        for (var index = 0; index < text.Length;)
        {
            var size = SizeAt(text, index);
            yield return text.Substring(index, size);
            index += size;
        }
    }

    /// <summary>The text's code points as numbers; half a surrogate pair is a number of its own.</summary>
    public static int[] Numbers(string text)
    {
        var numbers = new List<int>(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            var pair = SizeAt(text, index) == 2;
            numbers.Add(pair ? char.ConvertToUtf32(text[index], text[index + 1]) : text[index]);
            index += pair ? 1 : 0;
        }
        return [.. numbers];
    }

    public static string Text(int number) => number > 0xFFFF ? char.ConvertFromUtf32(number) : ((char)number).ToString();

    public static string Text(IEnumerable<int> numbers)
    {
        var text = new StringBuilder();
        foreach (var number in numbers)
            text.Append(Text(number));
        return text.ToString();
    }

    /// <summary>The order of code points, which is not that of chars: an emoji stands behind every char of 16 bits.</summary>
    public static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        var at = left.AsSpan(0, length).CommonPrefixLength(right.AsSpan(0, length));
        if (at == length)
            return left.Length.CompareTo(right.Length);
        var (a, b) = (left[at], right[at]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b)
            : char.IsSurrogate(a) ? (b >= 0xE000 || b < 0xD800 ? 1 : a.CompareTo(b))
            : -1;
    }

    private static int Count(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        for (var index = 1; index < text.Length; index++)
        {
            if (char.IsSurrogatePair(text[index - 1], text[index]))
                count--;
        }
        return count;
    }

    private static int SizeAt(string text, int index) => index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;
}
