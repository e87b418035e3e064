namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>From ready workers to the first step: version 0, or what an earlier attempt left; then the base is measured.</summary>
internal static class Beginning
{
    public static void Begin(Turn turn)
    {
        if (!turn.Settings.Resumes)
        {
            AskVersionZero(turn);
            return;
        }
        turn.Enter(RunPhase.Restoring);
        turn.Do(new RunEffect.Restore());
    }

    public static void Restored(Turn turn, RunInput.Restored restored)
    {
        if (turn.State.Phase != RunPhase.Restoring)
            return;
        if (restored.Version is not { } version)
        {
            AskVersionZero(turn);
            return;
        }
        turn.State = turn.State with { Version = version, KeptRecord = version - 1, HasSnapshot = true };
        Deciding.Recall(turn, restored.Decisions);
        GoOn(turn);
    }

    public static void AskVersionZero(Turn turn)
    {
        if (turn.State.Phase != RunPhase.Initialising)
            turn.Enter(RunPhase.Initialising);
        if (Losing.PickOne(turn) is { } worker)
            turn.Do(new RunEffect.AskVersionZero(worker));
    }

    public static void VersionZero(Turn turn, string worker)
    {
        if (turn.State.Phase != RunPhase.Initialising || turn.Roster[worker] is null)
            return;
        turn.State = turn.State with { Version = 0, Snapshot = (0, null) };
        turn.Do(new RunEffect.KeepSnapshot(0));
        GoOn(turn);
    }

    private static void GoOn(Turn turn)
    {
        turn.Do(new RunEffect.TellStarted(turn.State.Version!.Value, [.. turn.Roster.Taking.Select(worker => worker.Name)]));
        foreach (var measured in turn.State.Measured)
            turn.Tell(new EvaluationDone(measured.Target, measured.Metrics, measured.Version));
        if (turn.State.Stopped is null)
            Measuring.NextOfBase(turn);
        else
            Ending.Export(turn);
    }
}
