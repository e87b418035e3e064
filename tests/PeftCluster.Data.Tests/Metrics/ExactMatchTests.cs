using PeftCluster.Data.Metrics;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Tests.Metrics;

/// <summary>When an answer counts as right, and when a held-out text counts as known.</summary>
public sealed class ExactMatchTests
{
    [Theory]
    [InlineData("Oslo", "Oslo", true)]
    [InlineData(" Oslo\n", "Oslo ", true)]
    [InlineData("oslo", "Oslo", false)]
    [InlineData("Oslo, Norway", "Oslo", false)]
    [InlineData("a b", "a  b", false)]
    [InlineData("", "Oslo", false)]
    public void White_space_at_both_ends_does_not_count(string answer, string expected, bool match) =>
        Assert.Equal(match, ExactMatch.Of(answer, expected));

    [Fact]
    public void Texts_that_both_files_have_are_counted() =>
        Assert.Equal(2, PromptOverlap.Of(["a", "b", "c"], ["b", "x", "b", "A"]));
}
