using PeftCluster.Cluster.Placement;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>The start of a step: may it start, who computes what, and who is on probation.</summary>
internal static class Announcing
{
    /// <summary>Announces the version in hand, or measures it first, or ends, or waits for the disk.</summary>
    public static void TryAnnounce(Turn turn)
    {
        var version = turn.State.Version!.Value;
        if (turn.State.PauseWanted)
            Ending.Save(turn, null, Ending.PausedReason(version));
        else if (version >= turn.Settings.TotalSteps)
            Measuring.OfLast(turn);
        else if (Measuring.IsDue(turn, version))
            Measuring.OfVersion(turn);
        else if (!turn.State.HasSnapshot || turn.State.KeptRecord < version - 2)
            Hold(turn);
        else
            Announce(turn, version);
    }

    private static void Hold(Turn turn)
    {
        if (turn.State.Phase != RunPhase.Holding)
            turn.Enter(RunPhase.Holding);
    }

    private static void Announce(Turn turn, int version)
    {
        turn.Enter(RunPhase.Computing);
        var plan = turn.Settings.Planner.For(version);
        turn.State = turn.State with { Leaves = LeafBoard.Of(plan, turn.Now) };
        Worker[] active = [.. turn.Roster.Active];
        if (active.Length > 0)
        {
            var runs = ShardPlacement.Of(turn.Settings.Shards, [.. active.Select(worker => worker.MillisecondsPerLeaf)]);
            foreach (var (worker, (first, end)) in active.Zip(runs))
                Give(turn, worker, [.. Enumerable.Range(first, end - first)]);
        }
        var probe = 0;
        foreach (var worker in turn.Roster.Taking.Where(worker => worker.Standing == Standing.Probation).ToArray())
            Give(turn, worker, [Probe(turn, probe++)]);
    }

    /// <summary>Gives shards to a worker; an empty list only announces the step.</summary>
    public static void Give(Turn turn, Worker worker, IReadOnlyList<int> shards)
    {
        turn.Roster = turn.Roster.With(worker.Give(shards, turn.Now));
        turn.Do(new RunEffect.SendStep(worker.Name, turn.State.Leaves!.Plan, shards));
    }

    /// <summary>A micro-batch that has rows: an empty one proves nothing.</summary>
    private static int Probe(Turn turn, int number)
    {
        int[] filled = [.. turn.State.Leaves!.Plan.MicroBatches.Where(batch => batch.Rows.Count > 0).Select(batch => batch.Shard)];
        return filled.Length == 0 ? 0 : filled[number % filled.Length];
    }
}
