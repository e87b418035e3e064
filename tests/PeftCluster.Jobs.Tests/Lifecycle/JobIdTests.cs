using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Jobs.Tests.Lifecycle;

/// <summary>Ids are texts that sort by time and come back as they went.</summary>
public sealed class JobIdTests
{
    [Fact]
    public void An_id_reads_back_from_its_text()
    {
        var id = JobId.New(TimeProvider.System);

        Assert.Equal(26, id.ToString().Length);
        Assert.Equal(id, JobId.Parse(id.ToString()));
    }

    [Fact]
    public void A_later_id_sorts_behind_an_earlier_one_and_two_of_one_moment_differ()
    {
        var first = JobId.New(new At(1000)).ToString();
        var second = JobId.New(new At(1001)).ToString();

        Assert.True(string.CompareOrdinal(first, second) < 0);
        Assert.NotEqual(second, JobId.New(new At(1001)).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("01JDB8QK3V5W7Y9ZACEGJMPRT")]
    [InlineData("01JDB8QK3V5W7Y9ZACEGJMPRT!")]
    public void Any_other_text_is_refused(string text) => Assert.Equal(
        $"{text}: is no job id. An id has 26 letters and digits, for example 01JDB8QK3V5W7Y9ZACEGJMPRTV.",
        Assert.Throws<BadInputException>(() => JobId.Parse(text)).Message);

    private sealed class At(long milliseconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }
}
