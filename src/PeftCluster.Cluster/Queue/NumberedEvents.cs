using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Queue;

/// <summary>
/// What happened to one run in this life of the coordinator, numbered from 0 without gaps, so that a client that was away goes on where it
/// was. Who is to be sent what is an answer.
/// </summary>
/// <param name="runId">The run.</param>
/// <param name="life">What the numbers are counted in.</param>
internal sealed class NumberedEvents(string runId, string life) : IDisposable
{
    private readonly EventLog _events = new();

    /// <summary>Numbers of another life mean other events.</summary>
    public string Life { get; private set; } = life;

    public long Count => _events.Count;

    /// <summary>The first event of the newest submission.</summary>
    public long FirstOfSubmission { get; private set; }

    /// <summary>The last step, and with whom the run began, as far as it was told.</summary>
    public (int Steps, int TotalSteps, IReadOnlyList<string> Workers) Progress { get; private set; } = (0, 0, []);

    /// <summary>A submission begins with the next event.</summary>
    public void Mark() => FirstOfSubmission = Count;

    public JobHappened Add(RunEvent happened)
    {
        Progress = happened switch
        {
            RunStarted started => (started.FirstStep, started.TotalSteps, started.Workers),
            StepCommitted step => Progress with { Steps = step.Step + 1 },
            RunEnded ended => (ended.Steps, Progress.TotalSteps, []),
            _ => Progress,
        };
        _events.Add(happened);
        return At(Count - 1);
    }

    /// <summary>The events that a follower asked for, no more than a window of them.</summary>
    public IEnumerable<JobHappened> From(FollowJob follow)
    {
        var from = First(follow);
        for (var number = from; number < Math.Min(Count, from + FollowJob.Window); number++)
            yield return At(number);
    }

    /// <summary>Up to where later events are sent without being asked for.</summary>
    public long Limit(FollowJob follow) => First(follow) + FollowJob.Window;

    /// <summary>Drops all but the last event. Numbers begin again, so this counts as another life.</summary>
    public void KeepLast()
    {
        _events.KeepLast();
        (Life, FirstOfSubmission) = (Life + "+", 0);
    }

    public void Dispose() => _events.Dispose();

    private long First(FollowJob follow) => follow.Life == Life ? Math.Max(0, follow.From) : follow.Life.Length == 0 ? FirstOfSubmission : 0;

    private JobHappened At(long number) => new(runId, Life, number, _events[number]);
}
