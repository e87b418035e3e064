using PeftCluster.Cluster.Coordinator;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Tests.Reports;

public sealed class RunWatchersTests
{
    [Fact]
    public void A_watcher_that_fails_becomes_one_warning_and_hears_no_more()
    {
        var broken = new Broken();
        var calm = new Calm();
        using var watchers = new RunWatchers([broken, calm]);

        foreach (var happened in SampleRun.Whole())
            watchers.Hear(happened);

        Assert.Equal(1, broken.Calls);
        var warning = Assert.Single(calm.Heard.OfType<RunWarning>());
        Assert.Equal("Broken stopped: the disk is full", warning.Text);
        Assert.Equal(SampleRun.Whole().Count() + 1, calm.Heard.Count);
    }

    [Fact]
    public void Nobody_is_left_to_hear_the_warning_of_the_last_watcher()
    {
        var broken = new Broken();
        using var watchers = new RunWatchers([broken]);

        watchers.Hear(SampleRun.Step(0));
        watchers.Hear(SampleRun.Step(1));

        Assert.Equal(1, broken.Calls);
    }

    private sealed class Broken : IRunWatcher
    {
        public int Calls { get; private set; }

        public void Opened(RunHeader header)
        {
        }

        public void Hear(RunEvent happened)
        {
            Calls++;
            throw new IOException("the disk is full");
        }

        public void Dispose()
        {
        }
    }

    private sealed class Calm : IRunWatcher
    {
        public List<RunEvent> Heard { get; } = [];

        public void Opened(RunHeader header)
        {
        }

        public void Hear(RunEvent happened) => Heard.Add(happened);

        public void Dispose()
        {
        }
    }
}
