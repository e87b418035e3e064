using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Tests.Client;

public sealed class RemoteRunStateTests
{
    [Fact]
    public void Events_are_passed_on_once_and_in_order_whatever_the_network_does()
    {
        var (state, passed) = Hear(new RemoteRunState("a", 0), ("a", 0), ("a", 2), ("a", 1), ("a", 1), ("a", 2), ("a", 0));
        Assert.Equal(["a0", "a1", "a2"], passed);
        Assert.Equal(3, state.Next);
    }

    [Fact]
    public void A_gap_is_asked_for() =>
        Assert.Equal(RemoteRunState.Step.AskAgain, new RemoteRunState("a", 3).Take(Event("a", 5)).Step);

    [Fact]
    public void The_events_of_a_restarted_coordinator_follow_and_the_old_ones_are_over()
    {
        var (_, passed) = Hear(new RemoteRunState("a", 7), ("a", 7), ("b", 1), ("a", 8), ("b", 0), ("b", 1), ("a", 9));
        Assert.Equal(["a7", "b0", "b1"], passed);
    }

    [Fact]
    public void More_is_asked_for_before_the_window_is_used_up()
    {
        var state = new RemoteRunState("a", 0);
        var asked = 0;
        for (var number = 0; number < FollowJob.Window; number++)
        {
            (state, var step) = state.Take(Event("a", number));
            asked += step == RemoteRunState.Step.PassOnAndAsk ? 1 : 0;
        }
        Assert.Equal(4, asked);
    }

    private static JobHappened Event(string life, long number) => new("run", life, number, new RunWarning($"{life}{number}"));

    private static (RemoteRunState State, List<string> Passed) Hear(RemoteRunState state, params (string Life, long Number)[] events)
    {
        var passed = new List<string>();
        foreach (var (life, number) in events)
        {
            (state, var step) = state.Take(Event(life, number));
            if (step is RemoteRunState.Step.PassOn or RemoteRunState.Step.PassOnAndAsk)
                passed.Add($"{life}{number}");
        }
        return (state, passed);
    }
}
