using System.Globalization;
using PeftCluster.Data.Tokenizers.Unicode;

namespace PeftCluster.Data.Tokenizers.Patterns;

/// <summary>
/// Text with one char for every code point. A .NET pattern sees a character beyond U+FFFF as two surrogates, which are
/// neither letter nor number; Oniguruma sees one character with its category. In the shadow such a character is
/// replaced by a rare one of the same category below U+FFFF, which no pattern names.
/// Where the pattern ignores case, "ſ" also becomes "s": Oniguruma folds it, .NET does not.
/// </summary>
internal static class CodePointShadow
{
    private const char LongS = 'ſ';
    private const char CircledLetter = 'Ⓐ';

    /// <summary>One character for each <see cref="UnicodeCategory"/>, in its order.</summary>
    private const string Representatives =
        "\u0531\u0561\u01C5\u02B0\u05D0\u0591\u0903\u0488\u0966\u2160\u09F4\u2000\u2028\u2029\u0080\u00AD\uFFFF\uE000" +
        "\u203F\u058A\u0F3A\u0F3B\u201B\u203A\u0589\u2200\u20A0\u02C2\u2605\u0378";

    /// <summary>The shadow, or null where the text is its own shadow.</summary>
    public static char[]? Of(ReadOnlySpan<char> text, bool foldLongS)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF') && !(foldLongS && text.Contains(LongS)))
            return null;

        var (shadow, length) = (new char[text.Length], 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                shadow[length++] = StandIn(char.ConvertToUtf32(text[i], text[i + 1]));
                i++;
            }
            else
            {
                shadow[length++] = foldLongS && text[i] == LongS ? 's' : text[i];
            }
        }
        return shadow[..length];
    }

    private static char StandIn(int point) => CharacterKind.IsLetterInASign(point)
        ? CircledLetter
        : Representatives[(int)CharUnicodeInfo.GetUnicodeCategory(point)];
}
