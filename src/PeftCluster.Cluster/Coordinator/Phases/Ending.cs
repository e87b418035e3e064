using System.Globalization;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>Every way to an end: the adapter's files, the last snapshot, workers that close their sources.</summary>
internal static class Ending
{
    public static string PausedReason(int version) => version == 0 ? "paused before the first step" : $"paused after step {version - 1}";

    public static void Export(Turn turn)
    {
        turn.Enter(RunPhase.Exporting);
        var last = turn.State.Version!.Value;
        if (ExportedVersion(turn) != last)
            turn.Do(new RunEffect.PublishResult(turn.State.Best!.Version, turn.State.Best));
        else if (turn.Settings.Averages)
            turn.Do(new RunEffect.PublishResult(last));
        else
            ResultPublished(turn, last);
    }

    /// <summary>The adapter that is to be exported can be fetched.</summary>
    public static void ResultPublished(Turn turn, int number)
    {
        turn.State = turn.State with { ExportNumber = number };
        AskExport(turn);
    }

    public static void AskExport(Turn turn)
    {
        if (turn.State.ExportNumber is { } number && Losing.PickOne(turn) is { } worker)
            turn.Do(new RunEffect.AskExport(worker, number));
    }

    public static void Exported(Turn turn, RunInput.ExportCame came)
    {
        if (turn.State.Phase != RunPhase.Exporting)
            return;
        turn.State = turn.State with { Adapter = (came.Folder, came.Sha256) };
        if (turn.State.Stopped is { } stop)
            Save(turn, EndReason.EarlyStopped, $"stopped early after step {stop.Version}: {Unimproved(turn, stop)}");
        else
            Save(turn, EndReason.AllStepsDone, $"all {turn.Settings.TotalSteps} steps are done");
    }

    public static void Pause(Turn turn)
    {
        switch (turn.State.Phase)
        {
            case RunPhase.Gathering or RunPhase.Restoring or RunPhase.Initialising:
                End(turn, null, "paused before the first step");
                break;
            case RunPhase.MeasuringBase or RunPhase.Holding or RunPhase.MeasuringVersion or RunPhase.KeepingBest or RunPhase.MeasuringAdapter
                or RunPhase.Closing or RunPhase.Exporting:
                turn.State = turn.State with { Evaluation = null };
                Save(turn, null, PausedReason(turn.State.Version!.Value));
                break;
            case RunPhase.Computing or RunPhase.Checking or RunPhase.Updating:
                turn.State = turn.State with { PauseWanted = true };
                break;
        }
    }

    public static void Cancel(Turn turn) => End(turn, EndReason.Cancelled, "cancelled by the user");

    /// <summary>Nothing was to be trained, so there are no files: version 0 would only look like a result.</summary>
    public static void SaveMeasured(Turn turn) => Save(turn, EndReason.AllStepsDone, "measured, and nothing was to be trained (training.max_steps: 0)");

    /// <summary>Waits for the last snapshot and record, then ends.</summary>
    public static void Save(Turn turn, EndReason? reason, string text)
    {
        turn.Enter(RunPhase.Saving);
        turn.State = turn.State with { Outcome = (reason, text) };
        Committing.AskSnapshot(turn);
        TrySaved(turn);
    }

    public static void TrySaved(Turn turn)
    {
        if (turn.State.Snapshot.Kept == turn.State.Version && turn.State.KeptRecord >= turn.State.Version - 1)
            End(turn, turn.State.Outcome!.Value.Reason, turn.State.Outcome.Value.Text);
    }

    /// <summary>Ends at once: workers are released, nothing more is written. The first end counts.</summary>
    public static void End(Turn turn, EndReason? reason, string text)
    {
        if (turn.State.Phase >= RunPhase.Releasing)
            return;
        turn.Enter(RunPhase.Releasing);
        turn.State = turn.State with { Outcome = (reason, text), Evaluation = null };
        foreach (var worker in turn.Roster.Workers.Values)
            turn.Do(new RunEffect.AskRelease(worker.Name));
        TryEnd(turn);
    }

    /// <summary>A worker has closed its source: as asked, or because it believed this run to be gone; then it is asked to open it again.</summary>
    public static void Released(Turn turn, string worker)
    {
        if (turn.State.Phase != RunPhase.Releasing)
        {
            if (turn.Roster[worker] is null)
                return;
            Losing.Lost(turn, worker, "it has closed the job by itself");
            Gathering.Come(turn, worker);
            return;
        }
        turn.Roster = turn.Roster.Without(worker);
        TryEnd(turn);
    }

    public static void TryEnd(Turn turn)
    {
        if (turn.Roster.Workers.IsEmpty)
            Finish(turn, turn.State.Outcome!.Value.Reason, turn.State.Outcome.Value.Text);
    }

    /// <summary>Somebody did not close in time. A native call cannot be interrupted; its thread is left behind.</summary>
    public static void Abandon(Turn turn)
    {
        var names = string.Join(", ", turn.Roster.Workers.Keys);
        var (reason, text) = turn.State.Outcome!.Value;
        if (reason == EndReason.Cancelled)
        {
            Finish(turn, EndReason.WorkerAbandoned, $"cancelled (worker abandoned: {names})");
            return;
        }
        turn.Warn($"worker {names} did not close its source in {turn.Settings.Deadlines.Release.TotalSeconds:0} s and is abandoned");
        Finish(turn, reason, text);
    }

    private static void Finish(Turn turn, EndReason? reason, string text)
    {
        var adapter = reason?.Phase() == JobPhase.Completed ? turn.State.Adapter : null;
        turn.State = turn.State with { Phase = RunPhase.Ended, PhaseSince = turn.Now };
        turn.Do(new RunEffect.End(new RunEnded(
            reason?.Phase() ?? JobPhase.Paused, text, turn.State.Version ?? 0, adapter?.Folder, adapter?.Sha256,
            turn.State.RecentLosses.IsEmpty ? null : turn.State.RecentLosses.Average())
        {
            End = reason,
            Best = turn.State.Best,
            AdapterVersion = adapter is null ? null : ExportedVersion(turn),
        }));
    }

    private static int? ExportedVersion(Turn turn) => turn.Settings.LoadBest && turn.State.Best is { } best ? best.Version : turn.State.Version;

    private static string Unimproved(Turn turn, EarlyStop stop) => turn.State.Best is { } best
        ? string.Create(CultureInfo.InvariantCulture, $"{stop.Measurements} measurements in a row did not improve on {best.Metric} {best.Value:0.####} of step {best.Version}")
        : $"{stop.Measurements} measurements in a row gave no number";
}
