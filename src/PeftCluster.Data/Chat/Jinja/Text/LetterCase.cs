using System.Globalization;
using System.Text;

namespace PeftCluster.Data.Chat.Jinja.Text;

/// <summary>
/// upper, lower, title and capitalize with Unicode's full mappings (ß becomes SS, a last Σ becomes ς), as Python has them. .NET maps one
/// char to one; what differs from that is in the table below: a letter, its upper case, its title case.
/// </summary>
internal static class LetterCase
{
    private const string Table = "ß:SS:Ss ŉ:ʼN:ʼN Ǆ:Ǆ:ǅ ǅ:Ǆ:ǅ ǆ:Ǆ:ǅ Ǉ:Ǉ:ǈ ǈ:Ǉ:ǈ ǉ:Ǉ:ǈ Ǌ:Ǌ:ǋ ǋ:Ǌ:ǋ ǌ:Ǌ:ǋ ǰ:J̌:J̌ Ǳ:Ǳ:ǲ ǲ:Ǳ:ǲ ǳ:Ǳ:ǲ ΐ:Ϊ́:Ϊ́ ΰ:Ϋ́:Ϋ́ և:ԵՒ:Եւ ẖ:H̱:H̱ ẗ:T̈:T̈ ẘ:W̊:W̊ ẙ:Y̊:Y̊ ẚ:Aʾ:Aʾ ὐ:Υ̓:Υ̓ "
        + "ὒ:Υ̓̀:Υ̓̀ ὔ:Υ̓́:Υ̓́ ὖ:Υ̓͂:Υ̓͂ ᾀ:ἈΙ:ᾈ ᾁ:ἉΙ:ᾉ ᾂ:ἊΙ:ᾊ ᾃ:ἋΙ:ᾋ ᾄ:ἌΙ:ᾌ ᾅ:ἍΙ:ᾍ ᾆ:ἎΙ:ᾎ ᾇ:ἏΙ:ᾏ ᾈ:ἈΙ:ᾈ ᾉ:ἉΙ:ᾉ ᾊ:ἊΙ:ᾊ ᾋ:ἋΙ:ᾋ ᾌ:ἌΙ:ᾌ ᾍ:ἍΙ:ᾍ ᾎ:ἎΙ:ᾎ ᾏ:ἏΙ:ᾏ ᾐ:ἨΙ:ᾘ ᾑ:ἩΙ:ᾙ ᾒ:ἪΙ:ᾚ ᾓ:ἫΙ:ᾛ "
        + "ᾔ:ἬΙ:ᾜ ᾕ:ἭΙ:ᾝ ᾖ:ἮΙ:ᾞ ᾗ:ἯΙ:ᾟ ᾘ:ἨΙ:ᾘ ᾙ:ἩΙ:ᾙ ᾚ:ἪΙ:ᾚ ᾛ:ἫΙ:ᾛ ᾜ:ἬΙ:ᾜ ᾝ:ἭΙ:ᾝ ᾞ:ἮΙ:ᾞ ᾟ:ἯΙ:ᾟ ᾠ:ὨΙ:ᾨ ᾡ:ὩΙ:ᾩ ᾢ:ὪΙ:ᾪ ᾣ:ὫΙ:ᾫ ᾤ:ὬΙ:ᾬ ᾥ:ὭΙ:ᾭ ᾦ:ὮΙ:ᾮ ᾧ:ὯΙ:ᾯ ᾨ:ὨΙ:ᾨ ᾩ:ὩΙ:ᾩ ᾪ:ὪΙ:ᾪ ᾫ:ὫΙ:ᾫ "
        + "ᾬ:ὬΙ:ᾬ ᾭ:ὭΙ:ᾭ ᾮ:ὮΙ:ᾮ ᾯ:ὯΙ:ᾯ ᾲ:ᾺΙ:Ὰͅ ᾳ:ΑΙ:ᾼ ᾴ:ΆΙ:Άͅ ᾶ:Α͂:Α͂ ᾷ:Α͂Ι:ᾼ͂ ᾼ:ΑΙ:ᾼ ῂ:ῊΙ:Ὴͅ ῃ:ΗΙ:ῌ ῄ:ΉΙ:Ήͅ ῆ:Η͂:Η͂ ῇ:Η͂Ι:ῌ͂ ῌ:ΗΙ:ῌ ῒ:Ϊ̀:Ϊ̀ ΐ:Ϊ́:Ϊ́ ῖ:Ι͂:Ι͂ ῗ:Ϊ͂:Ϊ͂ ῢ:Ϋ̀:Ϋ̀ "
        + "ΰ:Ϋ́:Ϋ́ ῤ:Ρ̓:Ρ̓ ῦ:Υ͂:Υ͂ ῧ:Ϋ͂:Ϋ͂ ῲ:ῺΙ:Ὼͅ ῳ:ΩΙ:ῼ ῴ:ΏΙ:Ώͅ ῶ:Ω͂:Ω͂ ῷ:Ω͂Ι:ῼ͂ ῼ:ΩΙ:ῼ ﬀ:FF:Ff ﬁ:FI:Fi ﬂ:FL:Fl ﬃ:FFI:Ffi ﬄ:FFL:Ffl ﬅ:ST:St ﬆ:ST:St ﬓ:ՄՆ:Մն ﬔ:ՄԵ:Մե ﬕ:ՄԻ:Մի "
        + "ﬖ:ՎՆ:Վն ﬗ:ՄԽ:Մխ";

    private static readonly Dictionary<int, (string Upper, string Title)> Special = Table.Split(' ').Select(entry => entry.Split(':'))
        .ToDictionary(entry => CodePoints.Numbers(entry[0])[0], entry => (entry[1], entry[2]));

    public static string Upper(string text) => Map(text, UpperOf);

    public static string Lower(string text)
    {
        var numbers = CodePoints.Numbers(text);
        return CodePoints.Text(numbers.SelectMany((number, index) => LowerOf(numbers, index)));
    }

    /// <summary>Each letter behind another letter in lower case, each first one in title case: Don'T.</summary>
    public static string Title(string text)
    {
        var (numbers, written, inside) = (CodePoints.Numbers(text), new StringBuilder(), false);
        for (var index = 0; index < numbers.Length; index++)
        {
            written.Append(inside ? CodePoints.Text(LowerOf(numbers, index)) : TitleOf(numbers[index]));
            inside = IsCased(numbers[index]);
        }
        return written.ToString();
    }

    public static string Capitalize(string text)
    {
        var numbers = CodePoints.Numbers(text);
        return CodePoints.Text(numbers.Take(1).SelectMany(number => CodePoints.Numbers(TitleOf(number)))
            .Concat(Enumerable.Range(1, Math.Max(0, numbers.Length - 1)).SelectMany(index => LowerOf(numbers, index))));
    }

    public static string SwapCase(string text)
    {
        var numbers = CodePoints.Numbers(text);
        return CodePoints.Text(numbers.SelectMany((number, index) =>
            IsUpper(number) ? LowerOf(numbers, index) : IsLower(number) ? CodePoints.Numbers(UpperOf(number)) : [number]));
    }

    /// <summary>casefold(): lower case by way of upper case, so that ß and ss meet; ı and the Cherokee letters keep to themselves.</summary>
    public static string Fold(string text) => Map(text, number => number == 'ı' ? "ı"
        : number is (>= 0x13A0 and <= 0x13F5) or (>= 0x13F8 and <= 0x13FD) or (>= 0xAB70 and <= 0xABBF) ? UpperOf(number)
        : Map(UpperOf(number), folded => folded == 'İ' ? "i̇" : CodePoints.Text(Simple(folded, Rune.ToLowerInvariant))));

    public static bool IsUpper(int number) => Category(number) == UnicodeCategory.UppercaseLetter
        || number is (>= 0x2160 and <= 0x216F) or (>= 0x24B6 and <= 0x24CF) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    public static bool IsLower(int number) => Category(number) == UnicodeCategory.LowercaseLetter
        || number is 0xAA or 0xBA or (>= 0x2B0 and <= 0x2B8) or 0x2C0 or 0x2C1 or (>= 0x2E0 and <= 0x2E4) or 0x345 or 0x37A or (>= 0x1D2C and <= 0x1D6A) or 0x1D78
            or (>= 0x1D9B and <= 0x1DBF) or 0x2071 or 0x207F or (>= 0x2090 and <= 0x209C) or (>= 0x2170 and <= 0x217F) or (>= 0x24D0 and <= 0x24E9)
            or 0x2C7C or 0x2C7D or 0xA69C or 0xA69D or 0xA770 or 0xA7F8 or 0xA7F9 or (>= 0xAB5C and <= 0xAB5F) or (>= 0x10780 and <= 0x107BA);

    public static bool IsTitle(int number) => Category(number) == UnicodeCategory.TitlecaseLetter;

    public static bool IsCased(int number) => IsUpper(number) || IsLower(number) || IsTitle(number);

    private static string UpperOf(int number) => Special.TryGetValue(number, out var full) ? full.Upper : CodePoints.Text(Simple(number, Rune.ToUpperInvariant));

    private static string TitleOf(int number) => Special.TryGetValue(number, out var full) ? full.Title
        : number is >= 0x10D0 and <= 0x10FF ? CodePoints.Text(number) // Georgian has capitals and begins no word with one
        : UpperOf(number);

    private static IEnumerable<int> LowerOf(int[] numbers, int index) => numbers[index] switch
    {
        'İ' => ['i', 0x307],
        'Σ' => [IsLast(numbers, index) ? 'ς' : 'σ'],
        var number => [Simple(number, Rune.ToLowerInvariant)],
    };

    private static int Simple(int number, Func<Rune, Rune> map) => Rune.IsValid(number) ? map(new Rune(number)).Value : number;

    /// <summary>Unicode's Final_Sigma: behind a letter, and before none; marks between do not count.</summary>
    private static bool IsLast(int[] numbers, int index)
    {
        var (before, after) = (index - 1, index + 1);
        while (before >= 0 && IsIgnored(numbers[before]))
            before--;
        while (after < numbers.Length && IsIgnored(numbers[after]))
            after++;
        return before >= 0 && IsCased(numbers[before]) && !(after < numbers.Length && IsCased(numbers[after]));
    }

    private static bool IsIgnored(int number) => Category(number) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || number is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027 or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;

    private static UnicodeCategory Category(int number) => CharUnicodeInfo.GetUnicodeCategory(number);

    private static string Map(string text, Func<int, string> of)
    {
        var written = new StringBuilder(text.Length);
        foreach (var number in CodePoints.Numbers(text))
            written.Append(of(number));
        return written.ToString();
    }
}
