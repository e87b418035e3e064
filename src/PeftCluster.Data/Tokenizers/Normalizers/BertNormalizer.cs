using System.Globalization;
using System.Text;
using PeftCluster.Data.Tokenizers.Unicode;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>
/// BertNormalizer: control characters go and blanks become spaces; spaces around Chinese characters; accents go; small
/// letters. Each can be switched off.
/// </summary>
internal sealed class BertNormalizer : INormalizer
{
    private readonly NormalizerSequence _stages;

    /// <param name="cleanText">Control characters go, blanks become spaces.</param>
    /// <param name="handleChineseChars">Spaces around Chinese characters.</param>
    /// <param name="stripAccents">Non-spacing marks go.</param>
    /// <param name="lowercase">Small letters.</param>
    public BertNormalizer(bool cleanText, bool handleChineseChars, bool stripAccents, bool lowercase)
    {
        var stages = new List<INormalizer>();
        if (cleanText)
            stages.Add(new Clean());
        if (handleChineseChars)
            stages.Add(new SpaceChinese());
        if (stripAccents)
            stages.AddRange(new FormNormalizer(UnicodeForm.Nfd), new DropNonSpacing());
        if (lowercase)
            stages.Add(new Lowercase());
        _stages = new NormalizerSequence(stages);
    }

    public PlacedText Normalize(PlacedText text) => _stages.Normalize(text);

    private sealed class Clean : RuneNormalizer
    {
        protected override void Append(Rune rune, StringBuilder result)
        {
            if (rune.Value is '\t' or '\n' or '\r' || Rune.IsWhiteSpace(rune) && !IsOther(rune))
                result.Append(' ');
            else if (!IsOther(rune) && rune.Value is not (0 or 0xFFFD))
                Copy(rune, result);
        }

        private static bool IsOther(Rune rune) =>
            Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;
    }

    private sealed class SpaceChinese : RuneNormalizer
    {
        protected override void Append(Rune rune, StringBuilder result)
        {
            if (IsChinese(rune.Value))
                result.Append(' ').Append(rune.ToString()).Append(' ');
            else
                Copy(rune, result);
        }

        // The fifth range starts where the library starts it, a hundred characters late.
        private static bool IsChinese(int point) => point is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
            or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF)
            or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
    }

    private sealed class DropNonSpacing : RuneNormalizer
    {
        protected override void Append(Rune rune, StringBuilder result)
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
                Copy(rune, result);
        }
    }
}
