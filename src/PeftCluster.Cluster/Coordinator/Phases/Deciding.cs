namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>
/// What follows from a measured version: is it the best one, does training stop. A best version is on disk before it is decided on. Decisions go into the
/// record of the next step; where none follows they are written by themselves, before the adapter is exported.
/// </summary>
internal static class Deciding
{
    /// <summary>A version of the adapter is measured.</summary>
    public static void OfVersion(Turn turn, Measured measured)
    {
        if (turn.Settings.EvalSteps is not null)
            Rank(turn, measured);
        if (turn.Settings.EvalSteps is null || turn.State.Ranking.Version != measured.Version)
        {
            GoOn(turn);
            return;
        }
        turn.Enter(RunPhase.KeepingBest);
        turn.Do(new RunEffect.KeepBest(turn.State.Version!.Value));
    }

    public static void BestKept(Turn turn, RunInput.BestKept kept)
    {
        if (turn.State.Phase != RunPhase.KeepingBest || kept.Version != turn.State.Version)
            return;
        var best = new BestVersion(kept.Version, turn.Settings.Metric.Name, turn.State.Ranking.Value, kept.File, kept.Sha256);
        turn.State = turn.State with { Best = best, Decisions = turn.State.Decisions.Add(best) };
        GoOn(turn);
    }

    /// <summary>The last decisions are on disk.</summary>
    public static void Closed(Turn turn, int version)
    {
        if (turn.State.Phase != RunPhase.Closing || version != turn.State.Version)
            return;
        if (turn.Settings.MeasuresOnly)
            Ending.SaveMeasured(turn);
        else
            Ending.Export(turn);
    }

    /// <summary>What an earlier attempt decided holds.</summary>
    public static void Recall(Turn turn, IReadOnlyList<RunDecision> decisions)
    {
        turn.State = turn.State with
        {
            Measured = [.. decisions.OfType<Measured>()],
            Best = decisions.OfType<BestVersion>().LastOrDefault(),
            Stopped = decisions.OfType<EarlyStop>().LastOrDefault(),
        };
        if (turn.Settings.EvalSteps is not null)
            foreach (var measured in turn.State.Measured.Where(measured => measured.Version is not null))
                Rank(turn, measured);
    }

    private static void GoOn(Turn turn)
    {
        var version = turn.State.Version!.Value;
        if (version < turn.Settings.TotalSteps && turn.State.Ranking.Waited >= turn.Settings.Patience)
        {
            var stop = new EarlyStop(version, turn.State.Ranking.Waited);
            turn.State = turn.State with { Stopped = stop, Decisions = turn.State.Decisions.Add(stop) };
        }
        if (version < turn.Settings.TotalSteps && turn.State.Stopped is null)
        {
            Announcing.TryAnnounce(turn);
            return;
        }
        Close(turn);
    }

    /// <summary>The base is measured, and nothing is trained. An earlier attempt may have written all of it.</summary>
    public static void CloseMeasured(Turn turn)
    {
        if (turn.State.Decisions.IsEmpty)
            Ending.SaveMeasured(turn);
        else
            Close(turn);
    }

    // No step follows: what was decided is written by itself.
    private static void Close(Turn turn)
    {
        turn.Enter(RunPhase.Closing);
        turn.Do(new RunEffect.KeepDecisions(turn.State.Version!.Value, turn.State.Decisions));
    }

    private static void Rank(Turn turn, Measured measured) => turn.State = turn.State with
    {
        Ranking = turn.State.Ranking.After(turn.Settings.Metric, turn.Settings.Threshold, measured.Version!.Value, measured.Metrics),
    };
}
