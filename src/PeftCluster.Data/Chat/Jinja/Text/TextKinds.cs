using System.Globalization;

namespace PeftCluster.Data.Chat.Jinja.Text;

/// <summary>isdigit, isalpha and their kin: true for a text that has letters and all of them of a kind.</summary>
internal static class TextKinds
{
    public static bool IsDecimal(string text) => All(text, IsDecimal);

    public static bool IsDigit(string text) => All(text, IsDigit);

    public static bool IsNumeric(string text) => All(text, IsNumeric);

    public static bool IsAlpha(string text) => All(text, IsLetter);

    public static bool IsAlphanumeric(string text) => All(text, number => IsLetter(number) || IsNumeric(number));

    public static bool IsSpace(string text) => text.Length > 0 && text.All(PythonText.IsSpace);

    /// <summary>At least one letter that has a case, and none in another one.</summary>
    public static bool IsUpper(string text) => InCase(text, LetterCase.IsUpper, number => LetterCase.IsLower(number) || LetterCase.IsTitle(number));

    public static bool IsLower(string text) => InCase(text, LetterCase.IsLower, number => LetterCase.IsUpper(number) || LetterCase.IsTitle(number));

    public static bool IsTitle(string text)
    {
        var (cased, inside) = (false, false);
        foreach (var number in CodePoints.Numbers(text))
        {
            var first = LetterCase.IsUpper(number) || LetterCase.IsTitle(number);
            if (first ? inside : LetterCase.IsLower(number) && !inside)
                return false;
            inside = first || LetterCase.IsLower(number);
            cased |= inside;
        }
        return cased;
    }

    public static bool IsIdentifier(string text)
    {
        var numbers = CodePoints.Numbers(text);
        return numbers.Length > 0 && (numbers[0] == '_' || IsLetter(numbers[0]) || Category(numbers[0]) == UnicodeCategory.LetterNumber)
            && numbers.All(number => number == '_' || IsLetter(number) || Category(number) is UnicodeCategory.LetterNumber or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation || number is 0xB7 or 0x387);
    }

    /// <summary>What \w matches.</summary>
    public static bool IsWordLetter(int number) => number == '_' || IsLetter(number) || IsNumeric(number);

    private static bool IsLetter(int number) => Category(number) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;

    private static bool IsDecimal(int number) => Category(number) == UnicodeCategory.DecimalDigitNumber;

    private static bool IsDigit(int number) => IsDecimal(number) || CharUnicodeInfo.GetDigitValue(CodePoints.Text(number), 0) >= 0;

    private static bool IsNumeric(int number) => IsDigit(number) || CharUnicodeInfo.GetNumericValue(CodePoints.Text(number), 0) != -1
        || Category(number) is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool All(string text, Func<int, bool> kind) => text.Length > 0 && CodePoints.Numbers(text).All(kind);

    private static bool InCase(string text, Func<int, bool> kind, Func<int, bool> other)
    {
        var numbers = CodePoints.Numbers(text);
        return numbers.Any(kind) && !numbers.Any(other);
    }

    private static UnicodeCategory Category(int number) => CharUnicodeInfo.GetUnicodeCategory(number);
}
