using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;

namespace PeftCluster.Cluster.Tests.Persistence;

/// <summary>What goes from a coordinator's content folder, and what stays.</summary>
public sealed class ContentSweepTests : IDisposable
{
    private static readonly TimeSpan _keep = TimeSpan.FromDays(30);

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly Clock _time = new();
    private readonly TestFolder _folder = new();
    private readonly ContentFolder _content;

    public ContentSweepTests() => _content = new ContentFolder(Path.Combine(_folder.Path, "content"), _time);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_no_job_needs_goes_when_it_is_old_and_not_before()
    {
        var (needed, other) = (await PutAsync("needed"), await PutAsync("other"));
        _time.Advance(_keep);
        Assert.Equal(0, Sweep(_keep, needed));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Sweep(_keep, needed));
        Assert.True(File.Exists(_content.PathOf(needed)));
        Assert.False(File.Exists(_content.PathOf(other)));
    }

    [Fact]
    public async Task What_somebody_asks_for_puts_again_or_fetches_is_young_again()
    {
        var (asked, put, fetched) = (await PutAsync("asked"), await PutAsync("put"), await PutAsync("fetched"));
        _time.Advance(_keep);
        Assert.True(await _content.HasAsync(asked, _cancellation));
        await PutAsync("put");
        Assert.NotNull(_content.Find(fetched));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, Sweep(_keep));
        _time.Advance(_keep);
        Assert.Equal(3, Sweep(_keep));
    }

    [Fact]
    public async Task Halves_that_a_dead_process_has_left_go_and_files_that_are_none_of_ours_stay()
    {
        var sha256 = await PutAsync("whole");
        var half = Path.Combine(_content.Folder, $"{sha256}.17-1.tmp");
        var foreign = Path.Combine(_content.Folder, "notes.txt");
        foreach (var path in new[] { half, foreign })
        {
            await File.WriteAllTextAsync(path, "text", _cancellation);
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        }
        _time.Advance(_keep * 2);
        Assert.Equal(1, Sweep(_keep, sha256));
        Assert.Equal([foreign, _content.PathOf(sha256)], Directory.GetFiles(_content.Folder).OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nothing_goes_where_all_stays_for_ever_and_no_folder_is_nothing()
    {
        Assert.Equal(0, Sweep(_keep));
        await PutAsync("a");
        _time.Advance(_keep * 100);
        Assert.Equal(0, Sweep(Timeout.InfiniteTimeSpan));
    }

    private int Sweep(TimeSpan keep, params string[] needed) => new ContentSweep(_content, keep, _time, Serilog.Core.Logger.None).Remove(needed.ToHashSet());

    private async Task<string> PutAsync(string text)
    {
        var path = Path.Combine(_folder.Path, "file");
        await File.WriteAllTextAsync(path, text, _cancellation);
        return await _content.PutAsync(path, _cancellation);
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);

        public void Advance(TimeSpan time) => _now += time;

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
