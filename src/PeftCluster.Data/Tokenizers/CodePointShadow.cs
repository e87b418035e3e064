using System.Globalization;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// Text with one char for every code point. A .NET pattern sees a character beyond U+FFFF as two surrogates, which are
/// neither letter nor number; Oniguruma sees one character with its category. In the shadow such a character is
/// replaced by a rare one of the same category below U+FFFF, which no pattern names.
/// Where the pattern ignores case, "ſ" also becomes "s": Oniguruma folds it, .NET does not.
/// </summary>
internal sealed class CodePointShadow
{
    private const char LongS = 'ſ';

    /// <summary>One character for each <see cref="UnicodeCategory"/>, in its order.</summary>
    private const string Representatives =
        "\u0531\u0561\u01C5\u02B0\u05D0\u0591\u0903\u0488\u0966\u2160\u09F4\u2000\u2028\u2029\u0080\u00AD\uFFFF\uE000" +
        "\u203F\u058A\u0F3A\u0F3B\u201B\u203A\u0589\u2200\u20A0\u02C2\u2605\u0378";

    private readonly char[] _text;
    private readonly int[] _origins;

    private CodePointShadow(char[] text, int[] origins)
    {
        _text = text;
        _origins = origins;
    }

    public ReadOnlySpan<char> Text => _text;

    /// <summary>Where position <paramref name="index"/> of the shadow lies in the text (the length, at the end).</summary>
    public int Origin(int index) => _origins[index];

    /// <summary>The shadow, or null where the text is its own shadow.</summary>
    public static CodePointShadow? Of(ReadOnlySpan<char> text, bool foldLongS)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF') && !(foldLongS && text.Contains(LongS)))
            return null;

        var shadow = new List<char>(text.Length);
        var origins = new List<int>(text.Length + 1);
        for (var i = 0; i < text.Length; i++)
        {
            origins.Add(i);
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                var category = CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(text[i], text[i + 1]));
                shadow.Add(Representatives[(int)category]);
                i++;
            }
            else
            {
                shadow.Add(foldLongS && text[i] == LongS ? 's' : text[i]);
            }
        }
        origins.Add(text.Length);
        return new CodePointShadow([.. shadow], [.. origins]);
    }
}
