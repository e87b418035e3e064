using System.Globalization;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>
/// Time passes: questions are asked again, late work is copied to workers that are done, and who gives no sign is given up. Every
/// wait that ends names who was missing and what it owed.
/// </summary>
internal static class Waiting
{
    public static void Tick(Turn turn)
    {
        if (turn.State.Phase == RunPhase.Releasing)
        {
            if (turn.Now - turn.State.PhaseSince >= turn.Settings.Deadlines.Release)
                Ending.Abandon(turn);
            return;
        }
        foreach (var name in turn.Roster.Workers.Keys.ToArray())
            if (turn.Roster[name] is { } worker && turn.State.Phase < RunPhase.Saving)
                Look(turn, worker);
        Gathering.TryGoOn(turn);
        if (!Losing.EndsForWantOfWorkers(turn))
            CopyLate(turn);
    }

    private static void Look(Turn turn, Worker worker)
    {
        var deadlines = turn.Settings.Deadlines;
        var owed = Owed(turn, worker);
        var silent = turn.Now - worker.LastSign;
        if (worker.Standing == Standing.Asked && silent >= deadlines.Assign)
            Losing.Lost(turn, worker.Name, $"it did not open the job in {deadlines.Assign.TotalSeconds:0} s");
        else if (worker.Standing != Standing.Asked && owed.Count > 0 && silent >= deadlines.Ceiling)
            GiveUp(turn, worker, owed);
        else if ((worker.Standing == Standing.Asked || owed.Count > 0) && turn.Now - Later(worker.LastSign, worker.LastAsked) >= deadlines.Remind)
            Remind(turn, worker, owed);
    }

    private static void GiveUp(Turn turn, Worker worker, IReadOnlyList<int> owed)
    {
        var what = turn.State.Phase switch
        {
            RunPhase.Computing => $"micro-batches {string.Join(", ", owed)} of step {turn.State.Leaves!.Step}",
            RunPhase.Initialising => "version 0",
            RunPhase.Exporting => "the adapter's files",
            _ => $"evaluation batches {string.Join(", ", owed)}",
        };
        turn.Do(new RunEffect.AskRelease(worker.Name));
        Losing.Lost(turn, worker.Name, $"no sign of it for {turn.Settings.Deadlines.Ceiling.TotalSeconds:0} s while it owed {what}");
    }

    private static void Remind(Turn turn, Worker worker, IReadOnlyList<int> owed)
    {
        turn.Remind(worker);
        if (worker.Standing == Standing.Asked)
        {
            turn.Do(new RunEffect.AskReady(worker.Name));
            return;
        }
        switch (turn.State.Phase)
        {
            case RunPhase.Computing:
                RemindOfLeaves(turn, worker.Name, owed);
                break;
            case RunPhase.Initialising: turn.Do(new RunEffect.AskVersionZero(worker.Name)); break;
            case RunPhase.Exporting: turn.Do(new RunEffect.AskExport(worker.Name, turn.State.ExportNumber!.Value)); break;
            case RunPhase.MeasuringBase or RunPhase.MeasuringVersion or RunPhase.MeasuringAdapter:
                foreach (var batch in owed)
                    Measuring.Send(turn, worker.Name, batch);
                break;
        }
    }

    private static void CopyLate(Turn turn)
    {
        var times = turn.State.Phase switch
        {
            RunPhase.Computing => turn.State.Leaves!.Times,
            RunPhase.MeasuringBase or RunPhase.MeasuringVersion or RunPhase.MeasuringAdapter => turn.State.Evaluation!.Times,
            _ => [],
        };
        if (Lateness.Limit(turn.Settings.Deadlines, times) is not { } limit)
            return;
        foreach (var worker in turn.Roster.Active.Where(worker => turn.Now - worker.LastSign >= limit).ToArray())
            foreach (var item in Owed(turn, worker))
                if (turn.Roster.Active.FirstOrDefault(free => free.IsIdle && !free.Given.Contains(item) && !HasFailed(turn, free, item)) is { } free)
                    Copy(turn, worker.Name, free, item, limit);
    }

    private static void Copy(Turn turn, string late, Worker free, int item, TimeSpan limit)
    {
        if (turn.State.Phase != RunPhase.Computing)
            Measuring.Give(turn, free, item);
        else if (turn.State.Leaves!.Leaves[item] is not { NeedsJudge: true } leaf)
            Announcing.Give(turn, free, [item]);
        else if (leaf.Judge == late && leaf.Rival?.Worker != free.Name)
            Doubting.Ask(turn, free, item);
        else
            return;
        Name(turn, late, limit);
    }

    /// <summary>The user is told once who is slow, not at every step.</summary>
    private static void Name(Turn turn, string late, TimeSpan limit)
    {
        if (turn.Roster[late] is not { IsNamedSlow: false } worker)
            return;
        turn.Roster = turn.Roster.With(worker with { IsNamedSlow = true });
        var what = turn.State.Phase == RunPhase.Computing ? "shards" : "held-out batches";
        turn.Warn(string.Create(CultureInfo.InvariantCulture,
            $"worker {late} is slow: nothing of it for {(turn.Now - worker.LastSign).TotalSeconds:0.0} s, where the others' times allow {limit.TotalSeconds:0.0} s; its open {what} are computed elsewhere too"), about: late);
    }

    private static void RemindOfLeaves(Turn turn, string worker, IReadOnlyList<int> owed)
    {
        var board = turn.State.Leaves!;
        int[] doubted = [.. owed.Where(shard => board.Leaves[shard].Judge == worker && board.Leaves[shard].NeedsJudge)];
        int[] usual = [.. owed.Where(shard => !doubted.Contains(shard) || (board.Leaves[shard].Owners.Contains(worker) && board.Leaves[shard].NeedsOwner))];
        if (usual.Length > 0)
            foreach (var part in board.Parts(usual))
                turn.Do(new RunEffect.SendStep(worker, board.Plan, part));
        if (doubted.Length > 0)
            turn.Do(new RunEffect.SendStep(worker, board.Plan, doubted, Again: true));
    }

    private static bool HasFailed(Turn turn, Worker worker, int item) => turn.State.Phase == RunPhase.Computing
        ? turn.State.Leaves!.Leaves[item].FailedAt.Contains(worker.Name)
        : turn.State.Evaluation!.FailuresOf(item).Contains(worker.Name);

    /// <summary>What a worker was given and the run still needs of it.</summary>
    private static IReadOnlyList<int> Owed(Turn turn, Worker worker) => turn.State.Phase switch
    {
        RunPhase.Computing when worker.Standing == Standing.Probation => [.. worker.Given.Except(worker.Reported)],
        RunPhase.Computing => [.. worker.Given.Where(shard => turn.State.Leaves!.Leaves[shard].IsOwedBy(worker.Name))],
        RunPhase.MeasuringBase or RunPhase.MeasuringVersion or RunPhase.MeasuringAdapter =>
            [.. worker.Given.Where(batch => !turn.State.Evaluation!.Results.ContainsKey(batch) && !HasFailed(turn, worker, batch))],
        _ => [.. worker.Given],
    };

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
