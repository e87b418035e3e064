namespace PeftCluster.Data.Tokenizers.Unicode;

/// <summary>Hangul syllables are taken apart and together by arithmetic (The Unicode Standard, 3.12).</summary>
internal static class Hangul
{
    private const int FirstSyllable = 0xAC00, FirstLead = 0x1100, FirstVowel = 0x1161, BeforeTails = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28;

    /// <summary>Appends the parts of a syllable.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool Parts(int point, List<int> points)
    {
        var syllable = point - FirstSyllable;
        if (syllable is < 0 or >= Leads * Vowels * Tails)
            return false;
        points.Add(FirstLead + syllable / (Vowels * Tails));
        points.Add(FirstVowel + syllable % (Vowels * Tails) / Tails);
        if (syllable % Tails > 0)
            points.Add(BeforeTails + syllable % Tails);
        return true;
    }

    /// <summary>The syllable of a lead and a vowel, or of a syllable without a tail and one; else null.</summary>
    public static int? Composed(int first, int second)
    {
        var (lead, vowel) = (first - FirstLead, second - FirstVowel);
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels)
            return FirstSyllable + (lead * Vowels + vowel) * Tails;
        var (syllable, tail) = (first - FirstSyllable, second - BeforeTails);
        if (syllable is >= 0 and < Leads * Vowels * Tails && syllable % Tails == 0 && tail is > 0 and < Tails)
            return first + tail;
        return null;
    }
}
