using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Queue;

/// <summary>
/// Tells clients what happens to runs. Beside the jobs actor and not in it, so that a thousand steps do not wait behind a write to the
/// database, nor the other way round. Runs that ended long ago keep their last event only.
/// </summary>
internal sealed class FollowersActor : ReceiveActor
{
    /// <summary>So many ended runs keep all their events.</summary>
    private const int KeptWhole = 8;

    private readonly string _life;
    private readonly string _endpoint;
    private readonly Dictionary<string, NumberedEvents> _runs = [];
    private readonly Dictionary<(string Run, IActorRef Client), long> _limits = [];
    private readonly Queue<string> _ended = [];

    public FollowersActor(string life, string endpoint)
    {
        (_life, _endpoint) = (life, endpoint);
        Receive<Happened>(Hear);
        Receive<FollowJob>(Follow);
        Receive<Taken>(taken =>
        {
            var run = Of(taken.RunId);
            if (taken.IsNew)
                run.Mark();
            Sender.Tell(new JobTaken(taken.RunId, run.Life, run.FirstOfSubmission, _endpoint));
        });
        Receive<Listed>(listed => Sender.Tell(new JobsListed([.. listed.Rows.Select(WithProgress)])));
        Receive<Terminated>(gone =>
        {
            foreach (var key in _limits.Keys.Where(key => key.Client.Equals(gone.ActorRef)).ToArray())
                _limits.Remove(key);
        });
    }

    protected override void PostStop()
    {
        foreach (var run in _runs.Values)
            run.Dispose();
    }

    private void Hear(Happened happened)
    {
        var numbered = Of(happened.RunId).Add(happened.Event);
        foreach (var ((run, client), limit) in _limits)
            if (run == happened.RunId && numbered.Number < limit)
                client.Tell(numbered);
        if (happened.Event is not RunEnded)
            return;
        _ended.Enqueue(happened.RunId);
        if (_ended.Count > KeptWhole && _ended.Dequeue() is { } old && !_ended.Contains(old) && old != happened.RunId)
            Of(old).KeepLast();
    }

    private void Follow(FollowJob follow)
    {
        var run = Of(follow.RunId);
        Context.Watch(Sender);
        _limits[(follow.RunId, Sender)] = run.Limit(follow);
        Sender.Tell(new FollowNoted(follow.RunId, run.Life, run.FirstOfSubmission, run.Count, _endpoint));
        foreach (var happened in run.From(follow))
            Sender.Tell(happened);
    }

    private JobRow WithProgress(JobRow row) => _runs.TryGetValue(row.RunId, out var run)
        ? row with { Steps = run.Progress.Steps, TotalSteps = run.Progress.TotalSteps, Workers = run.Progress.Workers }
        : row;

    private NumberedEvents Of(string runId) =>
        _runs.TryGetValue(runId, out var run) ? run : _runs[runId] = new NumberedEvents(runId, _life);

    /// <summary>run or jobs → here.</summary>
    public sealed record Happened(string RunId, RunEvent Event);

    /// <summary>jobs → here, in the client's name: tell the client that its job is taken.</summary>
    public sealed record Taken(string RunId, bool IsNew);

    /// <summary>jobs → here, in the client's name: answer with these, and how far they are.</summary>
    public sealed record Listed(IReadOnlyList<JobRow> Rows);
}
