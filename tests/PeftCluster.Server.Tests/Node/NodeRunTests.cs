using PeftCluster.Cluster.Coordinator;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Tests.Node;

public sealed class NodeRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_outcome_says_how_it_started_what_was_measured_and_how_it_ended()
    {
        var outcome = await WatchAsync(SampleRun.Whole());

        Assert.Equal(1, outcome.Started?.Attempt);
        Assert.Equal(JobPhase.Completed, outcome.Ended.Phase);
        Assert.Equal([(false, 0), (false, 1), (false, 5), (true, 0)], outcome.Evaluations.Select(one => (one.Adapter, one.Shots)));
    }

    [Fact]
    public async Task A_resumed_run_keeps_what_its_earlier_attempt_measured()
    {
        await WatchAsync([SampleRun.Started(), SampleRun.Measured(false, 0, 0.045), SampleRun.Step(0), SampleRun.Ended(JobPhase.Paused, 1)]);

        var outcome = await WatchAsync([SampleRun.Started(attempt: 2, firstStep: 1), SampleRun.Measured(true, 0, 0.96), SampleRun.Ended()], attempt: 2);

        Assert.Equal([0.045, 0.96], outcome.Evaluations.Select(one => one.ExactMatch));
    }

    [Fact]
    public async Task What_preparing_the_data_warned_of_is_heard_once()
    {
        var heard = new Listener();

        await WatchAsync(SampleRun.Whole(), warnings: ["data.train: 3 of 256 rows were cut"], listener: heard);

        Assert.Equal(["data.train: 3 of 256 rows were cut"], heard.Warnings);
    }

    [Fact]
    public async Task A_run_without_its_last_event_still_has_its_end()
    {
        var outcome = await WatchAsync([SampleRun.Started()]);

        Assert.Equal(JobPhase.Failed, outcome.Ended.Phase);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<RunOutcome> WatchAsync(IEnumerable<RunEvent> events, int attempt = 1, string[]? warnings = null, Listener? listener = null)
    {
        var header = SampleRun.Header(_folder.Path);
        header = header with { Data = new PreparationReport(header.Data.Train, header.Data.Eval, 0, warnings ?? []) };
        var run = new NodeRun(new Played([.. events], attempt), header, TimeProvider.System, TimeProvider.System.GetUtcNow());
        using var watchers = new RunWatchers([new MetricsFile(TimeProvider.System), listener ?? new Listener()]);
        return await run.WatchAsync(watchers);
    }

    private sealed class Listener : IRunWatcher
    {
        public List<string> Warnings { get; } = [];

        public void Opened(RunHeader header)
        {
        }

        public void Hear(RunEvent happened)
        {
            if (happened is RunWarning warning)
                Warnings.Add(warning.Text);
        }

        public void Dispose()
        {
        }
    }
}
