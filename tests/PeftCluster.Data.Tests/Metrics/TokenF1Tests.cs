using CsCheck;
using PeftCluster.Data.Metrics;

namespace PeftCluster.Data.Tests.Metrics;

/// <summary>Words that two answers share.</summary>
public sealed class TokenF1Tests
{
    [Fact]
    public void Half_of_the_answer_and_a_third_of_what_was_expected()
    {
        // Answer: cat sat. Expected: cat lay down. Shared: cat. P = 1/2, R = 1/3, F1 = 2·(1/6) ÷ (5/6) = 2/5.
        Assert.Equal(0.4, TokenF1.Of("The cat sat.", "a cat lay down"), 14);
    }

    [Fact]
    public void A_word_counts_as_often_as_both_have_it()
    {
        // Answer: b b b c. Expected: b b d. Shared: b twice. P = 2/4, R = 2/3, F1 = 2·(1/3) ÷ (7/6) = 4/7.
        Assert.Equal(4.0 / 7, TokenF1.Of("b b b c", "b d b"), 14);
    }

    [Theory]
    [InlineData("cat sat", "sat cat", 1)]
    [InlineData("cat", "dog", 0)]
    [InlineData("", "", 1)]
    [InlineData("the", ".", 1)]    // neither has words
    [InlineData("", "cat", 0)]
    [InlineData("cat", "the", 0)]
    [InlineData("ΟΔΟΣ 猫", "οδος 猫", 1)]
    [InlineData("猫", "猫が", 0)]  // words end at spaces only
    public void Order_does_not_count_and_no_words_equal_no_words(string answer, string expected, double score) => Assert.Equal(score, TokenF1.Of(answer, expected));

    [Fact]
    public void It_is_a_share_and_symmetric() => Gen.Select(SquadMatchTests.Texts, SquadMatchTests.Texts).Sample((one, other) =>
        TokenF1.Of(one, other) is >= 0 and <= 1 and var score && Math.Abs(score - TokenF1.Of(other, one)) < 1e-15);

    [Fact]
    public void Answers_that_match_have_one() => Gen.Select(SquadMatchTests.Texts, SquadMatchTests.Texts).Sample((one, other) =>
        TokenF1.Of(one, one) == 1 && (!SquadMatch.Of(one, other) || TokenF1.Of(one, other) == 1));
}
