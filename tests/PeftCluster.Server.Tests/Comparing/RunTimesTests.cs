using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Server.Comparing;

namespace PeftCluster.Server.Tests.Comparing;

/// <summary>Wall times of runs, read from what metrics.jsonl says.</summary>
public sealed class RunTimesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Attempts_are_added_without_the_pause_between_them()
    {
        var times = Of("""
            {"event":"start","time":"2026-11-29T10:00:00+00:00"}
            {"event":"step","time":"2026-11-29T10:00:03+00:00","seconds":3}
            {"event":"end","time":"2026-11-29T10:00:04+00:00"}
            {"event":"start","time":"2026-11-29T12:00:00+00:00"}
            {"event":"step","time":"2026-11-29T12:00:02+00:00","seconds":2}
            {"event":"end","time":"2026-11-29T12:00:02.5+00:00"}
            """);

        Assert.Equal(6.5, times.Seconds);
    }

    [Fact]
    public void Steps_that_were_heard_of_all_at_once_took_what_they_say()
    {
        var times = Of("""
            {"event":"start","time":"2026-11-29T10:00:00+00:00"}
            {"event":"step","time":"2026-11-29T10:00:00+00:00","seconds":3}
            {"event":"step","time":"2026-11-29T10:00:00+00:00","seconds":4}
            {"event":"end","time":"2026-11-29T10:00:01+00:00"}
            """);

        Assert.Equal(8, times.Seconds);
    }

    [Fact]
    public void A_measurement_of_an_earlier_attempt_keeps_its_time()
    {
        var times = Of("""
            {"event":"start","time":"2026-11-29T10:00:00+00:00"}
            {"event":"evaluation","time":"2026-11-29T10:00:05+00:00","target":"base","shots":0}
            {"event":"end","time":"2026-11-29T10:00:06+00:00"}
            {"event":"start","time":"2026-11-29T12:00:00+00:00"}
            {"event":"evaluation","time":"2026-11-29T12:00:07+00:00","target":"base","shots":4}
            {"event":"end","time":"2026-11-29T12:00:07+00:00"}
            """);

        Assert.Equal((5, 7, 0), (times.Of(0), times.Of(4), times.Of(1)));
    }

    public void Dispose() => _folder.Dispose();

    private RunTimes Of(string metrics)
    {
        File.WriteAllText(_folder["metrics.jsonl"], metrics);
        var times = new RunTimes();
        times.Opened(SampleRun.Header(_folder.Path));
        times.Hear(SampleRun.Ended(JobPhase.Completed));
        return times;
    }
}
