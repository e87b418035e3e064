using CsCheck;
using PeftCluster.Data.Metrics;

namespace PeftCluster.Data.Tests.Metrics;

/// <summary>What SQuAD's normalisation takes away, and what it leaves. Each line follows from the script's four steps: lower case, punctuation, articles, white space.</summary>
public sealed class SquadMatchTests
{
    private static readonly string[] Pieces = ["a", "the", "an", "cat", "Cat", " ", "  ", ".", "-", "é", "—", "\n", "1"];

    [Theory]
    [InlineData("The Eiffel Tower.", "eiffel tower")]
    [InlineData("  an\tapple \n", "Apple")]
    [InlineData("a the an", "")]
    [InlineData("Don't", "dont")]             // punctuation goes, it leaves no space
    [InlineData("well-known", "wellknown")]
    [InlineData("t.h.e cat", "cat")]          // punctuation goes first, then the article is one
    [InlineData("$5^`|~", "5")]               // signs count as punctuation, as in Python's string.punctuation
    [InlineData("theme an_other", "theme another")]
    [InlineData("A\u00a0cat\u3000sat", "cat sat")]
    [InlineData("cat\u001csat", "cat sat")]   // Python's split() takes the information separators too
    [InlineData("x—the—y", "x— —y")]          // a dash is not ASCII: it stays, and the article between two goes
    public void Two_answers_are_the_same(string answer, string expected) => Assert.True(SquadMatch.Of(answer, expected));

    [Theory]
    [InlineData("theme", "me")]
    [InlineData("a1", "1")]                   // a digit is a part of the word
    [InlineData("thé", "")]
    [InlineData("café", "cafe")]
    [InlineData("caf\u00e9", "cafe\u0301")]   // composed and decomposed are different characters to the script
    [InlineData("\u201cOslo\u201d", "Oslo")]  // it takes ASCII punctuation only
    [InlineData("cat\u200bsat", "cat sat")]   // a zero-width space is none
    [InlineData("cat sat", "sat cat")]
    [InlineData("", "Oslo")]
    public void Two_answers_are_not_the_same(string answer, string expected) => Assert.False(SquadMatch.Of(answer, expected));

    [Theory]
    [InlineData("STRASSE", "strasse", true)]
    [InlineData("straße", "strasse", false)]  // lower case is no case folding
    [InlineData("ΟΔΟΣ", "οδος", true)]        // a last Σ becomes ς
    [InlineData("ΟΔΟΣ", "οδοσ", false)]
    [InlineData("İ", "i\u0307", true)]
    [InlineData("\U00010400", "\U00010428", true)] // Deseret has cases beyond the first plane
    [InlineData("a\U00010428 x", "x", false)] // and its letters are a part of the word behind an a
    [InlineData("a\U0001F600 x", "\U0001F600 x", true)] // an emoji is not
    [InlineData("the\u0301 x", "\u0301 x", true)] // Python's \w leaves combining marks out, so the article ends before the accent
    [InlineData("\ud800a", "\ud800", true)]   // half a pair is text like any other
    public void Letters_and_cases_are_Pythons(string answer, string expected, bool same) => Assert.Equal(same, SquadMatch.Of(answer, expected));

    [Fact]
    public void It_is_symmetric_and_an_answer_equals_itself() => Gen.Select(Gen.String[0, 30], Gen.String[0, 30]).Sample((one, other) =>
        SquadMatch.Of(one, one) && SquadMatch.Of(one, other) == SquadMatch.Of(other, one));

    [Fact]
    public void What_the_strict_match_takes_it_takes_as_well() => Gen.Select(Texts, Texts).Sample((one, other) => !ExactMatch.Of(one, other) || SquadMatch.Of(one, other));

    [Fact]
    public void Normalising_again_changes_nothing() => Texts.Sample(text => SquadMatch.Of(string.Join(' ', SquadText.Words(text)), text));

    /// <summary>Texts of few letters, so that equal ones and articles come up.</summary>
    internal static Gen<string> Texts { get; } = Gen.Int[0, 99].Select(at => Pieces[at % Pieces.Length]).Array[0, 8].Select(string.Concat);
}
