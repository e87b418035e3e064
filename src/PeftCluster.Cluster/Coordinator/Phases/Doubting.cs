using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>
/// Results that are compared: two copies of a leaf, a leaf that is drawn or not finite, and what a worker on probation gets. Two that disagree need a third;
/// where there is none, nobody can know who is right, and the run ends.
/// </summary>
internal static class Doubting
{
    /// <summary>Notes a leaf's hash, or compares it with the one that is known; false where it does not agree, and then all that follows is done.</summary>
    public static bool Agrees(Turn turn, int shard, UInt128 hash, string worker)
    {
        var leaf = turn.State.Leaves!.Leaves[shard];
        if (leaf.Hash is not { } known)
        {
            turn.Set(shard, leaf => leaf with { Hash = (hash, worker) });
            JudgeProbes(turn, shard, hash);
            return true;
        }
        if (leaf.Rival is { } rival)
        {
            Decide(turn, shard, known, rival, (hash, worker));
            return false;
        }
        if (known.Value == hash)
            return true;
        if (known.Worker == worker)
            Contradicts(turn, shard, known, hash);
        else
        {
            turn.Set(shard, leaf => leaf with { Rival = (hash, worker), Judge = null });
            AskJudge(turn, shard);
        }
        return false;
    }

    /// <summary>
    /// Somebody computes a leaf again: for two that disagree a third one, else anybody but the first, or the same worker where there is nobody else.
    /// </summary>
    public static void AskJudge(Turn turn, int shard)
    {
        var board = turn.State.Leaves!;
        var leaf = board.Leaves[shard];
        var able = turn.Roster.Active.Where(worker => !leaf.FailedAt.Contains(worker.Name));
        if (leaf.Rival is { } rival)
            able = able.Where(worker => worker.Name != leaf.Hash!.Value.Worker && worker.Name != rival.Worker);
        var judge = able.OrderBy(worker => worker.Name == leaf.First?.Worker).ThenBy(worker => worker.Given.Count - worker.Reported.Count).FirstOrDefault();
        if (judge is null)
            NoJudge(turn, board, shard, leaf);
        else
            Ask(turn, judge, shard);
    }

    /// <summary>Asks this worker to compute a leaf again.</summary>
    public static void Ask(Turn turn, Worker judge, int shard)
    {
        turn.Set(shard, leaf => leaf with { Judge = judge.Name });
        turn.Roster = turn.Roster.With(judge.Reopen(shard, turn.Now));
        turn.Do(new RunEffect.SendStep(judge.Name, turn.State.Leaves!.Plan, [shard], Again: true));
    }

    /// <summary>A second computation gives the same; false where the run ends of it: both say that the leaf is not finite.</summary>
    public static bool Confirmed(Turn turn, int shard, string second)
    {
        var board = turn.State.Leaves!;
        var first = board.Leaves[shard].First!;
        if (first.Finite)
        {
            turn.Set(shard, leaf => leaf with { IsConfirmed = true });
            return true;
        }
        var who = first.Worker == second ? $"computed twice by {second}" : $"on two workers alike ({first.Worker}, {second})";
        Ending.End(turn, EndReason.Diverged, $"diverged at step {board.Step}: loss or gradient not finite, {who}; {Rows(board, shard)}");
        return false;
    }

    /// <summary>Two disagree and somebody says something of the leaf: a third one decides.</summary>
    private static void Decide(Turn turn, int shard, (UInt128 Value, string Worker) known, (UInt128 Value, string Worker) rival, (UInt128 Value, string Worker) third)
    {
        if (third.Worker == known.Worker || third.Worker == rival.Worker)
            return;
        var board = turn.State.Leaves!;
        if (third.Value == known.Value)
            Quarantine(turn, rival.Worker, $"it computed micro-batch {shard} of step {board.Step} to other bits than {known.Worker} and {third.Worker}");
        else if (third.Value == rival.Value)
            Quarantine(turn, known.Worker, $"it computed micro-batch {shard} of step {board.Step} to other bits than {rival.Worker} and {third.Worker}");
        else
            Ending.End(turn, EndReason.HardwareDisagreement,
                $"hardware_disagreement at step {board.Step}: {known.Worker}, {rival.Worker} and {third.Worker} computed micro-batch {shard} to three different results. Check the memory of all");
    }

    /// <summary>A worker says two things of one leaf. Where there is another one, the run goes on without it.</summary>
    private static void Contradicts(Turn turn, int shard, (UInt128 Value, string Worker) known, UInt128 hash)
    {
        if (turn.Roster.Active.Any(worker => worker.Name != known.Worker))
            Quarantine(turn, known.Worker, $"it computed micro-batch {shard} of step {turn.State.Leaves!.Step} twice, to different bits");
        else
            Ending.End(turn, EndReason.HardwareDisagreement,
                $"hardware_disagreement at step {turn.State.Leaves!.Step}: {known.Worker} computed micro-batch {shard} twice, to different bits ({known.Value:x32}, {hash:x32}). Check its memory");
    }

    /// <summary>A liar gets no work any more in this attempt, and nothing that it said of the step counts: the step begins again.</summary>
    private static void Quarantine(Turn turn, string liar, string why)
    {
        var text = $"worker {liar} is quarantined: {why}. It gets no more work in this attempt; check its memory";
        turn.Warn(text, about: liar);
        turn.State = turn.State with { LastCause = text };
        if (turn.Roster[liar] is not null)
            turn.Do(new RunEffect.AskRelease(liar));
        turn.Roster = turn.Roster.Quarantine(liar);
        Announcing.AnnounceAgain(turn);
    }

    private static void NoJudge(Turn turn, LeafBoard board, int shard, Leaf leaf)
    {
        if (leaf is { Rival: { } rival, Hash: { } known })
            Ending.End(turn, EndReason.HardwareDisagreement,
                $"hardware_disagreement at step {board.Step}: {known.Worker} and {rival.Worker} computed micro-batch {shard} to different bits ({known.Value:x32}, {rival.Value:x32}). Check the memory of both");
        else if (leaf.First is { Finite: true })
            Ending.End(turn, EndReason.WorkersFailed, turn.State.LastCause ?? $"nobody could compute micro-batch {shard} of step {board.Step} again");
        else
            Ending.End(turn, EndReason.Diverged, $"diverged at step {board.Step}: micro-batch {shard} is not finite, and nobody could compute it again. {Rows(board, shard)}");
    }

    /// <summary>A worker on probation has its leaf: compared at once if the owner's is here, else when it comes.</summary>
    public static void Probed(Turn turn, string worker, int shard, UInt128 hash)
    {
        turn.State = turn.State with { Leaves = turn.State.Leaves! with { Probes = turn.State.Leaves.Probes.SetItem(worker, (shard, hash)) } };
        if (turn.State.Leaves.Leaves[shard].Hash is { } known)
            JudgeProbes(turn, shard, known.Value);
    }

    private static void JudgeProbes(Turn turn, int shard, UInt128 hash)
    {
        foreach (var (name, probe) in turn.State.Leaves!.Probes.Where(probe => probe.Value.Shard == shard).ToArray())
        {
            turn.State = turn.State with { Leaves = turn.State.Leaves with { Probes = turn.State.Leaves.Probes.Remove(name) } };
            if (turn.Roster[name] is not { Standing: Standing.Probation } worker)
                continue;
            if (probe.Hash == hash)
            {
                // Its vector is not in the sum, so it owes nothing of this step; it may take late shards at once.
                turn.Roster = turn.Roster.With(worker.Fresh(turn.Now) with { Standing = Standing.Active });
                continue;
            }
            turn.Do(new RunEffect.AskRelease(name));
            Losing.Refused(turn, name, $"it computed micro-batch {shard} of step {turn.State.Leaves.Step} to other bits than its owner");
        }
    }

    private static string Rows(LeafBoard board, int shard) =>
        $"samples {string.Join(", ", board.Plan.MicroBatches[shard].Rows)}. Lower the learning rate or look at those rows";
}
