using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>Workers come and answer. The first one that is ready fixes layout and numeric class for all.</summary>
internal static class Gathering
{
    public static void Begin(Turn turn)
    {
        foreach (var worker in turn.Roster.Unanswered)
            turn.Do(new RunEffect.AskReady(worker.Name));
        TryGoOn(turn);
    }

    public static void Come(Turn turn, string worker)
    {
        // After the last step nothing is left that a joiner could be compared by; when nobody else is there, there is nobody to compare with.
        if (turn.Roster[worker] is not null || turn.Roster.Quarantined.Contains(worker) || turn.State.Phase >= RunPhase.Saving
            || (turn.State.Phase >= RunPhase.MeasuringAdapter && turn.Roster.Active.Any()))
            return;
        turn.Roster = turn.Roster.With(Worker.Asked(worker, turn.Now));
        turn.Do(new RunEffect.AskReady(worker));
    }

    public static void Ready(Turn turn, RunInput.WorkerReady ready)
    {
        if (turn.Roster[ready.Worker] is not { Standing: Standing.Asked } worker || turn.State.Phase == RunPhase.Releasing)
            return;
        turn.State = turn.State with { Kind = turn.State.Kind ?? (ready.LayoutHash, ready.NumericClass) };
        if (Misfit(turn.State, ready) is { } reason)
        {
            turn.Do(new RunEffect.AskRelease(worker.Name));
            Losing.Refused(turn, worker.Name, reason);
            return;
        }
        // Nobody is there to compare a late-comer with when it is the only one.
        var proven = turn.State.Phase == RunPhase.Gathering || !turn.Roster.Active.Any();
        turn.Roster = turn.Roster.With(worker.Fresh(turn.Now) with { Standing = proven ? Standing.Active : Standing.Probation });
        if (turn.State.Phase == RunPhase.Gathering)
            TryGoOn(turn);
        else if (proven)
            Losing.HandOn(turn);
    }

    public static void Refused(Turn turn, RunInput.WorkerRefused refused)
    {
        if (refused.IsBadInput)
            turn.State = turn.State with { NobodyLeft = EndReason.BadInput };
        Losing.Refused(turn, refused.Worker, refused.Reason);
    }

    /// <summary>When everybody has answered: begin, or say why not.</summary>
    public static void TryGoOn(Turn turn)
    {
        if (turn.State.Phase != RunPhase.Gathering || turn.Roster.Unanswered.Any())
            return;
        var ready = turn.Roster.Active.Count();
        if (ready >= Math.Max(1, turn.Settings.MinimumWorkers))
            Beginning.Begin(turn);
        else if (!Losing.MayReturn(turn))
            Ending.End(turn, turn.State.NobodyLeft, turn.Settings.MinimumWorkers > 1
                ? $"resources.workers asks for {turn.Settings.MinimumWorkers} workers at least, {ready} are ready{(turn.State.LastCause is { } cause ? $": {cause}" : "")}"
                : turn.State.LastCause ?? "no worker is there");
    }

    private static string? Misfit(StepMachine state, RunInput.WorkerReady ready)
    {
        var (layoutHash, numericClass) = state.Kind!.Value;
        if (ready.LayoutHash != layoutHash)
            return $"its adapter's layout has hash {ready.LayoutHash[..8]}, this job's has {layoutHash[..8]}: another build or another base model";
        return ready.NumericClass == numericClass ? null : $"its numeric class is {ready.NumericClass}, this job's is {numericClass}: it would compute other bits";
    }
}
