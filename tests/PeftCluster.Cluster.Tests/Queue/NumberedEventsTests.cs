using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Tests.Queue;

public sealed class NumberedEventsTests
{
    [Fact]
    public void Events_are_numbered_from_0_without_gaps_and_sent_again_from_any_number()
    {
        var events = Filled(5);
        Assert.Equal([3L, 4L], events.From(new FollowJob("run", "life", 3)).Select(happened => happened.Number));
        Assert.Equal("warning 3", Assert.IsType<RunWarning>(events.From(new FollowJob("run", "life", 3)).First().Event).Text);
        Assert.Empty(events.From(new FollowJob("run", "life", 5)));
    }

    [Fact]
    public void Who_comes_from_another_life_begins_at_the_first() =>
        Assert.Equal([0L, 1L, 2L, 3L, 4L], Filled(5).From(new FollowJob("run", "another life", 3)).Select(happened => happened.Number));

    [Fact]
    public void No_more_than_a_window_is_sent_for_one_question()
    {
        var events = Filled(FollowJob.Window + 10);
        Assert.Equal(FollowJob.Window, events.From(new FollowJob("run", "life", 2)).Count());
        Assert.Equal(FollowJob.Window + 2, events.Limit(new FollowJob("run", "life", 2)));
    }

    [Fact]
    public void An_old_runs_last_event_stays_and_counts_as_another_life()
    {
        var events = Filled(5);
        events.Add(new RunEnded(JobPhase.Completed, "done", 12, null, null, null));
        events.KeepLast();
        var only = Assert.Single(events.From(new FollowJob("run", "life", 4)));
        Assert.Equal((0L, "life+"), (only.Number, only.Life));
        Assert.IsType<RunEnded>(only.Event);
    }

    private static NumberedEvents Filled(int count)
    {
        var events = new NumberedEvents("run", "life");
        for (var i = 0; i < count; i++)
            events.Add(new RunWarning($"warning {i}"));
        return events;
    }
}
