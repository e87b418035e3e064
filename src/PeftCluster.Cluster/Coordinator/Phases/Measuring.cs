using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>
/// Measurements on the held-out rows. Unlike leaves, batches are not dealt out: each worker fetches the next one when it is
/// done, since a batch is long and nothing has to be summed.
/// </summary>
internal static class Measuring
{
    private static readonly EvaluationTarget _adapter = new(true, 0);

    /// <summary>The next prompt of the base model that is not measured; then the first step.</summary>
    public static void NextOfBase(Turn turn)
    {
        var missing = turn.Settings.MeasuresBase
            ? turn.Settings.Shots.Select(shots => new EvaluationTarget(false, shots)).Where(target => !IsMeasured(turn, target, null)).ToArray()
            : [];
        if (missing.Length > 0)
            Begin(turn, RunPhase.MeasuringBase, missing[0]);
        else
            Announcing.TryAnnounce(turn);
    }

    /// <summary>Whether the version in hand is to be measured before the next step.</summary>
    public static bool IsDue(Turn turn, int version) =>
        turn.Settings.EvalSteps is { } every && version > 0 && version % every == 0 && !IsMeasured(turn, _adapter, version);

    /// <summary>The version in hand, between two steps.</summary>
    public static void OfVersion(Turn turn) => Begin(turn, RunPhase.MeasuringVersion, _adapter);

    /// <summary>The last version; then its files. Where nothing was trained there are none.</summary>
    public static void OfLast(Turn turn)
    {
        if (turn.Settings.MeasuresOnly)
            Deciding.CloseMeasured(turn);
        else if (turn.Settings.MeasuresLast && !IsMeasured(turn, _adapter, turn.State.Version))
            Begin(turn, RunPhase.MeasuringAdapter, _adapter);
        else
            Ending.Export(turn);
    }

    public static void Came(Turn turn, RunInput.BatchCame came)
    {
        if (turn.State.Evaluation is not { } board || board.Number != came.Measurement || turn.Roster[came.Worker] is not { } worker || !worker.Given.Contains(came.Batch))
            return;
        turn.Roster = turn.Roster.With(worker.Report(came.Batch, turn.Now));
        if (!board.Results.ContainsKey(came.Batch))
        {
            board = board.Take(came.Batch, came.Rows, came.Milliseconds);
            turn.State = turn.State with { Evaluation = board };
            turn.Tell(new EvaluationProgress(board.Target, board.RowsDone, board.Rows));
        }
        if (board.IsComplete)
            Finish(turn, board);
        else
            GiveBatches(turn);
    }

    public static void Failed(Turn turn, RunInput.WorkerFailed failed)
    {
        if (turn.State.Evaluation is not { } board || turn.Roster[failed.Worker] is not { } worker || !worker.Given.Contains(failed.Number))
            return;
        turn.State = turn.State with { Evaluation = board.Fail(failed.Number, failed.Worker) };
        turn.Roster = turn.Roster.With(worker.Report(failed.Number, turn.Now));
        GiveBatches(turn);
    }

    /// <summary>Every idle worker gets the next batch that nobody has. A batch that failed everywhere ends the run.</summary>
    public static void GiveBatches(Turn turn)
    {
        if (turn.State.Evaluation is not { Vector: not null } board)
            return;
        foreach (var batch in board.Open.Where(batch => !IsHeld(turn, board, batch)).ToArray())
        {
            var able = turn.Roster.Active.Where(worker => !board.FailuresOf(batch).Contains(worker.Name)).ToArray();
            if (able.Length == 0 && turn.Roster.Active.Any())
            {
                Ending.End(turn, EndReason.WorkersFailed, turn.State.LastCause ?? "a batch of held-out rows could not be measured");
                return;
            }
            if (able.FirstOrDefault(worker => worker.IsIdle) is { } idle)
                Give(turn, idle, batch);
        }
    }

    /// <summary>Gives a batch to a worker.</summary>
    public static void Give(Turn turn, Worker worker, int batch)
    {
        turn.Roster = turn.Roster.With(worker.Give([batch], turn.Now));
        Send(turn, worker.Name, batch);
    }

    /// <summary>Sends a batch that a worker has been given.</summary>
    public static void Send(Turn turn, string worker, int batch)
    {
        var board = turn.State.Evaluation!;
        turn.Do(new RunEffect.SendBatch(worker, board.Vector!.Value, board.Number, board.Target, batch, board.Batches[batch]));
    }

    private static void Begin(Turn turn, RunPhase phase, EvaluationTarget target)
    {
        turn.Enter(phase);
        var board = EvaluationBoard.Of(turn.State.Measurements, target, turn.Settings.HeldOutRows, turn.Settings.EvaluationBatch);
        turn.State = turn.State with { Evaluation = board, Measurements = turn.State.Measurements + 1 };
        turn.Tell(new EvaluationProgress(target, 0, board.Rows));
        var version = turn.State.Version!.Value;
        if (target.Adapter && turn.Settings.Averages)
            turn.Do(new RunEffect.PublishResult(version));
        else
            ResultPublished(turn, version);
    }

    /// <summary>The adapter that is to be measured can be fetched.</summary>
    public static void ResultPublished(Turn turn, int number)
    {
        if (turn.State.Evaluation is not { Vector: null } board)
            return;
        turn.State = turn.State with { Evaluation = board with { Vector = number } };
        GiveBatches(turn);
    }

    private static void Finish(Turn turn, EvaluationBoard board)
    {
        if (LeftOutExamples.Warning(board.All(), board.Target.Shots) is { } leftOut)
            turn.Warn(leftOut);
        var measured = new Measured(board.Target, board.Metrics(turn.Settings.Variants), board.Target.Adapter ? turn.State.Version : null);
        turn.State = turn.State with { Evaluation = null, Measured = turn.State.Measured.Add(measured), Decisions = turn.State.Decisions.Add(measured) };
        turn.Tell(new EvaluationDone(measured.Target, measured.Metrics, measured.Version));
        if (board.Target.Adapter)
            Deciding.OfVersion(turn, measured);
        else
            NextOfBase(turn);
    }

    private static bool IsMeasured(Turn turn, EvaluationTarget target, int? version) =>
        turn.State.Measured.Any(measured => measured.Target == target && measured.Version == version);

    private static bool IsHeld(Turn turn, EvaluationBoard board, int batch) =>
        turn.Roster.Active.Any(worker => worker.Given.Contains(batch) && !board.FailuresOf(batch).Contains(worker.Name));
}
