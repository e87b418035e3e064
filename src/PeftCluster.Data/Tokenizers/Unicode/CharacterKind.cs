using System.Globalization;
using System.Text;

namespace PeftCluster.Data.Tokenizers.Unicode;

/// <summary>What a code point counts as, where Rust and .NET draw the line differently. Each says whose line it is.</summary>
internal static class CharacterKind
{
    /// <summary><c>\w</c> of Rust's regex crate and of Oniguruma: letters, marks, decimal digits, connectors, joiners (UTS #18).</summary>
    public static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => true,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => true,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.OtherSymbol => IsLetterInASign(rune.Value),
        _ => rune.Value is 0x200C or 0x200D,
    };

    /// <summary>Circled, squared and negative letters: symbols that have the property Alphabetic.</summary>
    public static bool IsLetterInASign(int point) =>
        point is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    /// <summary>Rust's <c>char::is_numeric</c>: digits, letters and others that are numbers.</summary>
    public static bool IsNumeric(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>Punctuation of BERT: every sign of ASCII, and Unicode's punctuation.</summary>
    public static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~')
        : Rune.IsPunctuation(rune);

    /// <summary>A mark: non-spacing, spacing or enclosing.</summary>
    public static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
