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
        var (settings, plan) = (turn.Settings, turn.Settings.Planner.For(version));
        turn.Enter(RunPhase.Computing);
        turn.State = turn.State with { Leaves = LeafBoard.Of(plan, turn.Now, shard => AuditDraw.IsDrawn(settings.Seed, settings.AuditFraction, version, shard)) };
        Deal(turn);
    }

    /// <summary>
    /// The step from its beginning: the sum is emptied and every leaf asked for again. What workers have kept of it costs them no time, and nothing
    /// of what a liar said is left.
    /// </summary>
    public static void AnnounceAgain(Turn turn)
    {
        turn.Enter(RunPhase.Computing);
        turn.State = turn.State with { Leaves = turn.State.Leaves!.Again() };
        turn.Do(new RunEffect.ResetSum(turn.State.Leaves.Step));
        Deal(turn);
    }

    private static void Deal(Turn turn)
    {
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
        // The vector of a worker on probation is never added.
        if (worker.Standing == Standing.Active)
            foreach (var shard in shards)
                turn.Set(shard, leaf => leaf with { Owners = leaf.Owners.Add(worker.Name) });
        foreach (var part in turn.State.Leaves!.Parts(shards))
            turn.Do(new RunEffect.SendStep(worker.Name, turn.State.Leaves.Plan, part));
    }

    /// <summary>A micro-batch that has rows: an empty one proves nothing.</summary>
    private static int Probe(Turn turn, int number)
    {
        int[] filled = [.. turn.State.Leaves!.Plan.MicroBatches.Where(batch => batch.Rows.Count > 0).Select(batch => batch.Shard)];
        return filled.Length == 0 ? 0 : filled[number % filled.Length];
    }
}
