using PeftCluster.Training.Native;

namespace PeftCluster.Training.Tests.Native;

/// <summary>What a process is started again with. That it is, and with what, is the acceptance tests' business.</summary>
public sealed class GlibcTunablesTests
{
    [Theory]
    [InlineData(null, "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0")]
    [InlineData("glibc.malloc.arena_max=2", "glibc.malloc.arena_max=2:glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0")]
    [InlineData("glibc.malloc.tcache_count=4", null)]
    [InlineData("glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0", null)]
    [InlineData("glibc.malloc.mxfast=9:glibc.malloc.tcache_count=9", null)]
    public void What_the_user_says_stays_and_a_process_that_has_any_is_not_started_again(string? value, string? joined) =>
        Assert.Equal(joined, GlibcTunables.Joined(value));
}
