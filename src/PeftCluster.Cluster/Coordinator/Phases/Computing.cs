using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>Leaves and nodes of the step in hand come in. Each leaf counts once; each second copy must have the same hash.</summary>
internal static class Computing
{
    public static void Leaf(Turn turn, RunInput.LeafCame came)
    {
        if (Board(turn, came.Step) is not { } board || turn.Roster[came.Worker] is not { } worker || !worker.Given.Contains(came.Shard))
            return;
        turn.Roster = turn.Roster.With(worker.Report(came.Shard, turn.Now));
        if (worker.Standing == Standing.Probation)
        {
            Doubting.Probed(turn, worker.Name, came.Shard, came.Report.Hash);
            return;
        }
        if (!Doubting.Agrees(turn, came.Shard, came.Report.Hash, came.Worker))
            return;
        var leaf = turn.State.Leaves!.Leaves[came.Shard];
        if (leaf.First is null)
            turn.Set(came.Shard, leaf => leaf with { First = came.Report });
        else if ((leaf.First.Worker != came.Worker || leaf.Judge == came.Worker) && !Doubting.Confirmed(turn, came.Shard, came.Worker))
            return;
        leaf = turn.State.Leaves.Leaves[came.Shard];
        if (leaf is { NeedsJudge: true, Judge: null })
            Doubting.AskJudge(turn, came.Shard);
        TryCheck(turn);
    }

    public static void Node(Turn turn, RunInput.NodeCame came)
    {
        if (Board(turn, came.Step) is not { } board || turn.Roster[came.Worker] is not { Standing: Standing.Active } worker || !turn.Settings.Tree.Has(came.Node))
            return;
        var (first, end) = turn.Settings.Tree.Leaves(came.Node);
        if (came.LeafHashes.Count != end - first)
            return;
        turn.Roster = turn.Roster.With(worker with { LastSign = turn.Now });
        for (var shard = first; shard < end; shard++)
            if (!Doubting.Agrees(turn, shard, came.LeafHashes[shard - first], came.Worker))
                return;
        if (Enumerable.Range(first, end - first).Any(shard => !board.Leaves[shard].IsIn))
            turn.Do(new RunEffect.AddNode(came.Worker, came.Step, came.Node, came.LeafHashes, board.Sum));
    }

    public static void Added(Turn turn, RunInput.NodeAdded added)
    {
        if (Board(turn, added.Step) is not { } board || board.Sum != added.Sum)
            return;
        var (first, end) = turn.Settings.Tree.Leaves(added.Node);
        for (var shard = first; shard < end; shard++)
            turn.Set(shard, leaf => leaf with { IsIn = true });
        TryCheck(turn);
    }

    public static void Failed(Turn turn, RunInput.WorkerFailed failed)
    {
        if (Board(turn, failed.Step) is null || turn.Roster[failed.Worker] is not { } worker || !worker.Given.Contains(failed.Number))
            return;
        turn.Set(failed.Number, leaf => leaf with { FailedAt = leaf.FailedAt.Add(failed.Worker) });
        turn.Roster = turn.Roster.With(worker.Report(failed.Number, turn.Now));
        PlaceOpen(turn);
    }

    /// <summary>What nobody holds any more goes to whoever has least in hand, at once.</summary>
    public static void PlaceOpen(Turn turn)
    {
        if (turn.State.Phase != RunPhase.Computing || turn.State.Leaves is not { } board || !turn.Roster.Active.Any())
            return;
        foreach (var shard in board.Open.ToArray())
        {
            Place(turn, shard);
            if (turn.State.Phase != RunPhase.Computing)
                return;
        }
    }

    private static void Place(Turn turn, int shard)
    {
        var leaf = turn.State.Leaves!.Leaves[shard];
        if (leaf.NeedsJudge && !IsHeld(turn, leaf, leaf.Judge ?? ""))
            Doubting.AskJudge(turn, shard);
        if (turn.State.Phase != RunPhase.Computing || !leaf.NeedsOwner || leaf.Owners.Any(owner => IsHeld(turn, leaf, owner)))
            return;
        var able = turn.Roster.Active.Where(worker => !leaf.FailedAt.Contains(worker.Name));
        if (able.MinBy(worker => worker.Given.Count - worker.Reported.Count) is { } taker)
            Announcing.Give(turn, taker, [shard]);
        else
            Ending.End(turn, EndReason.WorkersFailed, turn.State.LastCause ?? $"nobody could compute micro-batch {shard} of step {turn.State.Leaves.Step}");
    }

    private static bool IsHeld(Turn turn, Leaf leaf, string worker) =>
        turn.Roster[worker] is { Standing: Standing.Active } && !leaf.FailedAt.Contains(worker);

    private static void TryCheck(Turn turn)
    {
        if (!turn.State.Leaves!.IsComplete)
            return;
        turn.State = turn.State with { Phase = RunPhase.Checking, PhaseSince = turn.Now };
        turn.Do(new RunEffect.Check(turn.State.Leaves.Step));
    }

    private static LeafBoard? Board(Turn turn, int step) =>
        turn.State.Phase == RunPhase.Computing && turn.State.Leaves is { } board && board.Step == step ? board : null;
}
