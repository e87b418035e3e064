using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>Workers that refuse, fail, or go: what they owed goes elsewhere at once, whatever the phase.</summary>
internal static class Losing
{
    public static void Refused(Turn turn, string worker, string reason) => Remove(turn, worker, $"worker {worker}: refused: {reason}", reason);

    public static void Lost(Turn turn, string worker, string cause)
    {
        if (turn.Roster[worker] is not null)
            turn.State = turn.State with { MissedSince = turn.Now };
        Remove(turn, worker, $"worker {worker} is gone: {cause}", $"worker {worker}: {cause}");
    }

    /// <summary>Whether somebody who was lost may still come again.</summary>
    public static bool MayReturn(Turn turn) => turn.State.MissedSince is { } since && turn.Now - since < turn.Settings.Deadlines.Return;

    /// <summary>A vector that does not arrive as it was sent: its sender is not trusted with more.</summary>
    public static void Spoilt(Turn turn, RunInput.NodeSpoilt spoilt)
    {
        if (turn.State.Phase != RunPhase.Computing || turn.State.Leaves!.Step != spoilt.Step || turn.State.Leaves.Sum != spoilt.Sum || turn.Roster[spoilt.Worker] is null)
            return;
        // After a sum was emptied an old word of a vector may come again, when the vector itself is taken: the worker sends it anew.
        if (spoilt is { IsGone: true, Sum: > 0 })
            return;
        var (first, end) = turn.Settings.Tree.Leaves(spoilt.Node);
        if (Enumerable.Range(first, end - first).All(shard => turn.State.Leaves.Leaves[shard].IsIn))
            return;
        turn.Do(new RunEffect.AskRelease(spoilt.Worker));
        Lost(turn, spoilt.Worker, spoilt.Cause);
    }

    public static void Failed(Turn turn, RunInput.WorkerFailed failed)
    {
        if (turn.Roster[failed.Worker] is not { } worker)
            return;
        turn.State = turn.State with { LastCause = Cause(failed) };
        switch (failed.Task)
        {
            case WorkerTask.Leaf:
                Computing.Failed(turn, failed);
                break;
            case WorkerTask.Evaluate:
                Measuring.Failed(turn, failed);
                break;
            case WorkerTask.Initialise when turn.State.Phase == RunPhase.Initialising:
            case WorkerTask.Export when turn.State.Phase == RunPhase.Exporting:
                turn.State = turn.State with { FailedAt = turn.State.FailedAt.Add(worker.Name) };
                turn.Roster = turn.Roster.With(worker.Fresh(turn.Now));
                HandOn(turn);
                break;
        }
    }

    /// <summary>What nobody holds is given to somebody.</summary>
    public static void HandOn(Turn turn)
    {
        switch (turn.State.Phase)
        {
            case RunPhase.Gathering: Gathering.TryGoOn(turn); break;
            case RunPhase.Initialising when !IsHeld(turn): Beginning.AskVersionZero(turn); break;
            case RunPhase.Exporting when !IsHeld(turn): Ending.AskExport(turn); break;
            case RunPhase.Computing: Computing.PlaceOpen(turn); break;
            case RunPhase.MeasuringBase or RunPhase.MeasuringVersion or RunPhase.MeasuringAdapter: Measuring.GiveBatches(turn); break;
            case RunPhase.Releasing: Ending.TryEnd(turn); break;
        }
    }

    /// <summary>Gives the one thing that the phase asks for to a worker that has not failed at it; ends the run where there is none.</summary>
    public static string? PickOne(Turn turn)
    {
        if (turn.Roster.Active.FirstOrDefault(worker => !turn.State.FailedAt.Contains(worker.Name)) is { } worker)
        {
            turn.Roster = turn.Roster.With(worker.Give([0], turn.Now));
            return worker.Name;
        }
        if (turn.Roster.Active.Any())
            Ending.End(turn, EndReason.WorkersFailed, turn.State.LastCause ?? "no worker could do it");
        return null;
    }

    private static void Remove(Turn turn, string name, string warning, string cause)
    {
        if (turn.Roster[name] is null)
            return;
        turn.Roster = turn.Roster.Without(name);
        turn.State = turn.State with { Leaves = turn.State.Leaves?.Without(name) };
        if (turn.State.Phase < RunPhase.Saving)
        {
            turn.State = turn.State with { LastCause = cause };
            turn.Warn(warning);
            Promote(turn);
            if (EndsForWantOfWorkers(turn))
                return;
            if (turn.Roster.Workers.IsEmpty && MayReturn(turn))
                turn.Warn($"no worker is left; the run waits up to {turn.Settings.Deadlines.Return.TotalSeconds:0} s for one");
        }
        HandOn(turn);
    }

    /// <summary>Ends a run that has nobody left and waits for nobody.</summary>
    public static bool EndsForWantOfWorkers(Turn turn)
    {
        if (turn.State.Phase is RunPhase.Gathering or >= RunPhase.Saving || !turn.Roster.Workers.IsEmpty || MayReturn(turn))
            return false;
        var waited = turn.Settings.Deadlines.Return;
        Ending.End(turn, EndReason.WorkersFailed, $"no worker is left{(waited > TimeSpan.Zero ? $", and none came in {waited.TotalSeconds:0} s" : "")}. {turn.State.LastCause}");
        return true;
    }

    /// <summary>When only workers on probation are left, there is nobody to compare them with.</summary>
    private static void Promote(Turn turn)
    {
        if (!turn.Roster.Active.Any() && turn.State.Phase != RunPhase.Gathering)
            turn.Roster = turn.Roster.Each(worker => worker.Standing == Standing.Probation ? worker.Fresh(turn.Now) with { Standing = Standing.Active } : worker);
    }

    private static bool IsHeld(Turn turn) => turn.Roster.Active.Any(worker => !worker.Given.IsEmpty);

    private static string Cause(RunInput.WorkerFailed failed) => failed.Task switch
    {
        WorkerTask.Leaf => $"step {failed.Step}, micro-batch {failed.Number} on {failed.Worker}: {failed.Cause}",
        WorkerTask.Evaluate => $"evaluation, batch {failed.Number} on {failed.Worker}: {failed.Cause}",
        _ => failed.Cause,
    };
}
