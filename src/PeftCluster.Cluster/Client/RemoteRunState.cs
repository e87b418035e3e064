using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Client;

/// <summary>
/// Where a client stands in the events of a run: which life of the coordinator it hears, and which number comes next. Pure. Every event
/// is passed on once and in order; a restarted coordinator's events follow those that were seen.
/// </summary>
/// <param name="Life">The life that is heard; empty before the first answer.</param>
/// <param name="Next">The number that comes next.</param>
internal sealed record RemoteRunState(string Life, long Next)
{
    private IReadOnlyList<string> Past { get; init; } = [];

    /// <summary>Before any answer of a coordinator.</summary>
    public static RemoteRunState Unknown { get; } = new("", 0);

    /// <summary>A coordinator has said which life it is in, and where the newest submission begins.</summary>
    public RemoteRunState Hear(FollowNoted noted) => Life.Length == 0 ? new RemoteRunState(noted.Life, noted.First) : Hear(noted.Life);

    private RemoteRunState Hear(string life) => life == Life || Past.Contains(life) ? this : new RemoteRunState(life, 0) { Past = [.. Past, Life] };

    /// <summary>What to do with an event.</summary>
    public (RemoteRunState State, Step Step) Take(JobHappened happened)
    {
        if (Life.Length == 0 || Past.Contains(happened.Life))
            return (this, Step.Drop);
        var state = Hear(happened.Life);
        if (happened.Number != state.Next)
            return (state, happened.Number > state.Next ? Step.AskAgain : Step.Drop);
        state = state with { Next = state.Next + 1 };
        // Asked before the window is used up, so that the stream does not stop.
        return (state, state.Next % (FollowJob.Window / 4) == 0 ? Step.PassOnAndAsk : Step.PassOn);
    }

    public enum Step
    {
        /// <summary>It is known, or of a life that is over.</summary>
        Drop,

        /// <summary>Something before it is missing.</summary>
        AskAgain,

        PassOn,

        /// <summary>Pass it on, and ask for what comes after it.</summary>
        PassOnAndAsk,
    }
}
