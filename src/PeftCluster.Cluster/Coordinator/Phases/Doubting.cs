using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>Results that are compared: two copies of a leaf, a leaf that is not finite, and what a worker on probation gets.</summary>
internal static class Doubting
{
    /// <summary>Notes a leaf's hash, or compares it with the one that is known; false where the run ends of it.</summary>
    public static bool Agrees(Turn turn, int shard, UInt128 hash, string worker)
    {
        var board = turn.State.Leaves!;
        var leaf = board.Leaves[shard];
        if (leaf.Hash is not { } known)
        {
            turn.State = turn.State with { Leaves = board.With(shard, leaf with { Hash = (hash, worker) }) };
            JudgeProbes(turn, shard, hash);
            return true;
        }
        if (known.Value == hash)
            return true;
        Ending.End(turn, EndReason.HardwareDisagreement, known.Worker == worker
            ? $"hardware_disagreement at step {board.Step}: {worker} computed micro-batch {shard} twice, to different bits ({known.Value:x32}, {hash:x32}). Check its memory"
            : $"hardware_disagreement at step {board.Step}: {known.Worker} and {worker} computed micro-batch {shard} to different bits ({known.Value:x32}, {hash:x32}). Check the memory of both");
        return false;
    }

    /// <summary>A leaf is not finite: somebody else computes it again, or the same worker where there is nobody else.</summary>
    public static void AskJudge(Turn turn, int shard)
    {
        var board = turn.State.Leaves!;
        var leaf = board.Leaves[shard];
        var judge = turn.Roster.Active
            .Where(worker => !leaf.FailedAt.Contains(worker.Name))
            .OrderBy(worker => worker.Name == leaf.First!.Worker).ThenBy(worker => !worker.IsIdle).FirstOrDefault();
        if (judge is null)
        {
            Ending.End(turn, EndReason.Diverged, $"diverged at step {board.Step}: micro-batch {shard} is not finite, and nobody could compute it again. {Rows(board, shard)}");
            return;
        }
        turn.State = turn.State with { Leaves = board.With(shard, leaf with { Judge = judge.Name }) };
        turn.Roster = turn.Roster.With(judge.Reopen(shard, turn.Now));
        turn.Do(new RunEffect.SendStep(judge.Name, board.Plan, [shard], Again: true));
    }

    /// <summary>Two computations agree that the leaf is not finite.</summary>
    public static void Diverged(Turn turn, int shard, string second)
    {
        var board = turn.State.Leaves!;
        var first = board.Leaves[shard].First!.Worker;
        var who = first == second ? $"computed twice by {first}" : $"on two workers alike ({first}, {second})";
        Ending.End(turn, EndReason.Diverged, $"diverged at step {board.Step}: loss or gradient not finite, {who}; {Rows(board, shard)}");
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
