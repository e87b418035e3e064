using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>From the complete sum to the next version, and what the disk has of it.</summary>
internal static class Committing
{
    private const int LossesKept = 10;

    public static void Checked(Turn turn, RunInput.Checked sum)
    {
        if (turn.State.Phase != RunPhase.Checking || turn.State.Leaves!.Step != sum.Step)
            return;
        if (!double.IsFinite(sum.Norm))
        {
            Ending.End(turn, EndReason.Diverged, $"diverged at step {sum.Step}: the sum of the gradients is not finite, though each micro-batch is. Lower the learning rate");
            return;
        }
        turn.State = turn.State with { Phase = RunPhase.Updating, PhaseSince = turn.Now, Norm = sum.Norm };
        turn.Do(new RunEffect.Update(sum.Step, sum.Norm));
    }

    public static void Updated(Turn turn, RunInput.Updated updated)
    {
        if (turn.State.Phase != RunPhase.Updating || turn.State.Leaves is not { } board || board.Step != updated.Step)
            return;
        var (version, loss) = (updated.Step + 1, board.Loss(turn.Settings.ChoiceLoss));
        turn.Do(new RunEffect.KeepRecord(new StepSummary(
            board.Plan, turn.State.Norm, loss, [.. board.Leaves.Select(leaf => leaf.First!)], turn.State.Decisions)));
        turn.Roster = turn.Roster.Each(worker => worker with { MillisecondsPerLeaf = Speed(board, worker.Name) ?? worker.MillisecondsPerLeaf });
        var losses = turn.State.RecentLosses.Add(loss);
        turn.State = turn.State with
        {
            Version = version,
            Decisions = [],
            RecentLosses = losses.Count > LossesKept ? losses.RemoveAt(0) : losses,
        };
        turn.Tell(Committed(turn, board, updated, loss));
        if (version % turn.Settings.SaveSteps == 0 || version == turn.Settings.TotalSteps)
            AskSnapshot(turn);
        Announcing.TryAnnounce(turn);
    }

    /// <summary>Asks for a snapshot of the version in hand, once.</summary>
    public static void AskSnapshot(Turn turn)
    {
        if (turn.State.Snapshot.Asked == turn.State.Version)
            return;
        turn.State = turn.State with { Snapshot = turn.State.Snapshot with { Asked = turn.State.Version } };
        turn.Do(new RunEffect.KeepSnapshot(turn.State.Version!.Value));
    }

    public static void RecordKept(Turn turn, int step)
    {
        turn.State = turn.State with { KeptRecord = Math.Max(turn.State.KeptRecord, step) };
        Disk(turn);
    }

    public static void SnapshotKept(Turn turn, RunInput.SnapshotKept kept)
    {
        turn.State = turn.State with { HasSnapshot = true, Snapshot = turn.State.Snapshot with { Kept = kept.Version } };
        turn.Tell(new SnapshotWritten(kept.Version, kept.Path));
        Disk(turn);
    }

    private static void Disk(Turn turn)
    {
        if (turn.State.Phase == RunPhase.Holding)
            Announcing.TryAnnounce(turn);
        else if (turn.State.Phase == RunPhase.Saving)
            Ending.TrySaved(turn);
    }

    private static StepCommitted Committed(Turn turn, LeafBoard board, RunInput.Updated updated, double loss)
    {
        var shares = board.Leaves
            .Select((leaf, shard) => (leaf.First!.Worker, Shard: shard, leaf.First.Milliseconds))
            .GroupBy(leaf => leaf.Worker)
            .OrderBy(worker => worker.Key, DeviceOrder.Instance)
            .Select(worker => new WorkerShare(worker.Key, [.. worker.Select(leaf => leaf.Shard)], worker.Average(leaf => leaf.Milliseconds)));
        return new StepCommitted(
            board.Step, turn.Settings.TotalSteps, (double)(board.Step + 1) / turn.Settings.Planner.StepsPerEpoch, loss, updated.LearningRate,
            turn.State.Norm, board.Tokens, (turn.Now - board.Announced).TotalSeconds, [.. shares], board.AdapterLoss, board.Choices);
    }

    private static double? Speed(LeafBoard board, string worker) => Lateness.Median(
        [.. board.Leaves
            .Where((leaf, shard) => leaf.First!.Worker == worker && board.Plan.MicroBatches[shard].Rows.Count > 0)
            .Select(leaf => leaf.First!.Milliseconds).Order()]);
}
