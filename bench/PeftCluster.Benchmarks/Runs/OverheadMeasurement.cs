using System.Diagnostics;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Benchmarks.Runs;

/// <summary>
/// One cluster, one run: steps from commit to commit while all is well, then workers are killed one after another, each in the midst of a step, and replaced.
/// A commit counts when this process hears of it: what the message takes falls out of the difference of two, and comes on top of a recovery.
/// </summary>
internal sealed class OverheadMeasurement(int workers, int floats, int milliseconds)
{
    private const int WarmUp = 20;

    /// <summary>When in its step a worker is killed, in parts of a gradient's time.</summary>
    private static readonly double[] _strikes = [0.1, 0.5, 0.9, 0.3, 0.7];

    public async Task<OverheadRow> RunAsync(int steps, int kills, CancellationToken cancellation)
    {
        await using var cluster = await RunCluster.StartAsync(workers, floats, milliseconds, cancellation);
        var run = await cluster.SubmitAsync(steps: 1_000_000, cancellation);
        await using var events = run.Events.GetAsyncEnumerator(cancellation);
        var first = await CommitAsync(events, _ => true);
        var last = await CommitAsync(events, commit => commit.Step == first.Commit.Step + WarmUp);
        List<double> intervals = [], computing = [];
        while (intervals.Count < steps)
        {
            var next = await CommitAsync(events, _ => true);
            intervals.Add(Stopwatch.GetElapsedTime(last.At, next.At).TotalMilliseconds);
            computing.Add(next.Commit.Workers.Max(worker => worker.MillisecondsPerShard));
            last = next;
        }
        List<double> recoveries = [];
        for (var kill = 0; kill < kills; kill++)
            recoveries.Add(await RecoveryAsync(cluster, events, _strikes[kill % _strikes.Length] * milliseconds, cancellation));
        await run.DecideAsync(UserDecision.Cancel);
        await run.Ended.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        return new OverheadRow(workers, floats, milliseconds, steps, Reading.Median(intervals), intervals.Average(), Reading.Median(computing), recoveries);
    }

    /// <summary>Kills the oldest worker so long after a commit, and answers how long the step in hand took from then on, in milliseconds.</summary>
    private async Task<double> RecoveryAsync(RunCluster cluster, IAsyncEnumerator<RunEvent> events, double after, CancellationToken cancellation)
    {
        var before = await CommitAsync(events, commit => commit.Workers.Count == workers);
        await Task.Delay(TimeSpan.FromMilliseconds(after), cancellation);
        var killed = Stopwatch.GetTimestamp();
        var victim = cluster.Workers[0];
        victim.Kill();
        var done = await CommitAsync(events, _ => true);
        if (done.Commit.Step != before.Commit.Step + 1)
            throw new InvalidOperationException($"step {done.Commit.Step} was committed where {before.Commit.Step + 1} was in hand");
        cluster.Workers.Remove(victim);
        await victim.DisposeAsync();
        await cluster.AddWorkerAsync(cancellation);
        return Stopwatch.GetElapsedTime(killed, done.At).TotalMilliseconds;
    }

    private static async Task<(StepCommitted Commit, long At)> CommitAsync(IAsyncEnumerator<RunEvent> events, Func<StepCommitted, bool> wanted)
    {
        while (await events.MoveNextAsync())
            if (events.Current is StepCommitted commit && wanted(commit))
                return (commit, Stopwatch.GetTimestamp());
            else if (events.Current is RunEnded ended)
                throw new InvalidOperationException($"the run has ended: {ended.Reason}");
        throw new InvalidOperationException("the run's events have ended");
    }
}
