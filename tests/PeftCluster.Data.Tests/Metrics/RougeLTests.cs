using CsCheck;
using PeftCluster.Data.Metrics;

namespace PeftCluster.Data.Tests.Metrics;

/// <summary>The longest common subsequence of words.</summary>
public sealed class RougeLTests
{
    private static readonly string[] Pieces = ["police", "killed", "the", "gunman", "...", "é"];

    private static readonly Gen<string> Texts = Gen.Int[0, 99].Select(at => Pieces[at % Pieces.Length]).Array[0, 8].Select(words => string.Join(' ', words));

    [Theory]
    // Lin 2004, section 3.1: S1 "police killed the gunman" is expected. S2 has "police the gunman" in common, 3 of 4 words on both sides; S3 has "the gunman", 2 of 4;
    // S4 likewise, since its words are turned: its subsequence is "the gunman" or "police killed", not both.
    [InlineData("police kill the gunman", "police killed the gunman", 3.0 / 4)]
    [InlineData("the gunman kill police", "police killed the gunman", 2.0 / 4)]
    [InlineData("the gunman police killed", "police killed the gunman", 2.0 / 4)]
    // Common: the quick brown, then jumps, then the. P = 5/8, R = 5/9, F = 2·5 ÷ (8 + 9).
    [InlineData("The quick brown dog jumps on the log.", "The quick brown fox jumps over the lazy dog", 10.0 / 17)]
    // Common: a, c, e. P = 3/3, R = 3/5, F = 6/8.
    [InlineData("a c e", "a b c d e", 3.0 / 4)]
    // Common: 2 of the answer's 5 and of the 3 expected; a word counts as often as both have it. F = 4/8.
    [InlineData("x x x x x", "x y x", 1.0 / 2)]
    public void The_score_of_words_in_order(string answer, string expected, double score) => Assert.Equal(score, RougeL.Of(answer, expected), 14);

    [Theory]
    [InlineData("Don't stop", "don t stop", 1)]      // a sign cuts, it does not join
    [InlineData("well_known", "well known", 1)]
    [InlineData("CAFÉ", "caf", 1)]                   // an accent is no letter here
    [InlineData("cafés", "caf s", 1)]
    [InlineData("\u212A2", "k2", 1)]                 // the Kelvin sign's lower case is k
    [InlineData("İx", "i x", 1)]                     // i and a dot above, which cuts
    [InlineData("running", "run", 0)]                // no stemmer
    [InlineData("猫が好き", "猫が好き", 0)]           // no words at all
    [InlineData("٣", "٣", 0)]                        // digits are ASCII
    [InlineData("", "", 0)]
    [InlineData("", "cat", 0)]
    [InlineData("cat", "...", 0)]
    public void Words_are_runs_of_ascii_letters_and_digits(string answer, string expected, double score) => Assert.Equal(score, RougeL.Of(answer, expected));

    [Fact]
    public void It_is_a_share_and_symmetric() => Gen.Select(Texts, Texts).Sample((one, other) =>
        RougeL.Of(one, other) is >= 0 and <= 1 and var score && Math.Abs(score - RougeL.Of(other, one)) < 1e-15);

    [Fact]
    public void A_text_with_words_has_one_against_itself() => Texts.Sample(text => RougeL.Of(text, text) == (text.Any(char.IsAsciiLetter) ? 1 : 0));

    [Fact]
    public void A_word_behind_the_answer_never_finds_less_in_common() => Gen.Select(Texts, Texts).Sample((answer, expected) =>
        Shared(answer + " gunman", expected) >= Shared(answer, expected) - 1e-9);

    private static int Words(string text) => text.Split(' ').Count(word => word.Any(char.IsAsciiLetter));

    // F = 2 · LCS ÷ (m + n)
    private static double Shared(string answer, string expected) => RougeL.Of(answer, expected) * (Words(answer) + Words(expected)) / 2;
}
