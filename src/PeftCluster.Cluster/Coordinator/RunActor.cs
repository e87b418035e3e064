using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// One attempt of a run: a shell over <see cref="StepMachine"/>. It turns messages into inputs and runs effects; every rule is in the
/// machine, every number and file with <see cref="RunDesk"/>.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The store is let go in the desk's line, when the run is over.")]
internal sealed class RunActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly RunRequest _request;
    private readonly RunDesk _desk;
    private readonly RunWorkers _workers;
    private readonly ChannelWriter<RunEvent> _watcher;
    private readonly TimeProvider _time;
    private readonly IFaultPoints _faults;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private SourceDescription? _source;
    private StepMachine _machine;
    private bool _isOver;

    public RunActor(RunRequest request, RunStore store, RunPlace place, IReadOnlyList<JobsProtocol.HereIs> workers, ChannelWriter<RunEvent> watcher)
    {
        var planner = new StepPlanner(request.Job, request.Rows);
        (_request, _watcher, _time, _faults) = (request, watcher, place.Time, place.Faults);
        _desk = new RunDesk(request, store, place, planner.TotalSteps);
        _workers = new RunWorkers(Context, request, store.Attempt, place.Endpoint, place.Faults);
        foreach (var worker in workers)
            _workers.Add(worker.Worker, worker.Actor);
        _machine = StepMachine.Of(RunSettings.Of(request, planner, store.Resumes, place.Deadlines), workers.Select(worker => worker.Worker), _time.GetUtcNow());

        Receive<IRunMessage>(message => _workers.IsOurs(message), Hear);
        Receive<IRunMessage>(message => _log.Debug("dropped: {0}", message));
        Receive<RunInput>(Take);
        Receive<RestoredParts>(parts =>
        {
            foreach (var warning in parts.Warnings)
                Tell(new RunWarning(warning));
            Take(parts.Input);
        });
        Receive<Terminated>(gone => _workers.Remove(gone.ActorRef, name => Take(new RunInput.WorkerLost(name, "its process or actor has ended"))));
        Receive<JobsProtocol.Gone>(gone => _workers.Remove(gone.Worker, name => Take(new RunInput.WorkerLost(name, gone.Cause))));
        Receive<JobsProtocol.HereIs>(worker =>
        {
            _workers.Add(worker.Worker, worker.Actor);
            Take(new RunInput.WorkerCame(worker.Worker));
        });
        Receive<JobsProtocol.PauseRun>(_ => Take(new RunInput.PauseAsked()));
        Receive<JobsProtocol.Fenced>(fenced => Take(new RunInput.Broke(EndReason.Fenced, fenced.Reason)));
        Receive<JobsProtocol.CancelRun>(_ => Take(new RunInput.CancelAsked()));
        Receive<JobsProtocol.Over>(over =>
        {
            Tell(over.Ended);
            _watcher.Complete();
            Context.Parent.Tell(over);
            Context.Stop(Self);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        if (_desk.Store.Notice is { } notice)
            Tell(new RunWarning(notice));
        Timers.StartPeriodicTimer("tick", new RunInput.Ticked(), _tick);
        Self.Tell(new RunInput.Began());
    }

    /// <summary>Ended from outside, as when the actor system goes: the folder is let go for whoever takes the run up.</summary>
    protected override void PostStop()
    {
        if (!_isOver)
            _ = _desk.CloseAsync();
    }

    private void Hear(IRunMessage message)
    {
        if (_workers.NameOf(Sender) is not { } worker)
            return;
        switch (message)
        {
            case Ready ready:
                Describe(worker, ready);
                break;
            case Initialised when _machine.Phase == RunPhase.Initialising:
                _desk.VersionZeroAsync(worker).PipeTo(Self);
                break;
            case Exported exported when _machine.Phase == RunPhase.Exporting:
                _desk.PublishExportAsync(worker, exported).PipeTo(Self);
                break;
            case Initialised or Exported:
                break;
            default:
                Take(RunMessages.InputOf(worker, message));
                break;
        }
    }

    private void Describe(string worker, Ready ready)
    {
        try
        {
            var source = ready.Source.Open();
            if (_source is null)
            {
                _source = source;
                _desk.Use(source);
            }
            Take(new RunInput.WorkerReady(worker, source.Layout.Hash, ready.NumericClass));
        }
        catch (InvalidDataException differs)
        {
            Take(new RunInput.WorkerRefused(worker, differs.Message, IsBadInput: false));
        }
    }

    private void Take(RunInput input)
    {
        try
        {
            var decision = _machine.Decide(input, _time.GetUtcNow());
            var before = _machine.Phase;
            _machine = decision.Next;
            if (_machine.Phase != before)
                _log.Debug("{0} -> {1}", before, _machine.Phase);
            RunPassage.Of(_faults, input, before, _machine);
            foreach (var effect in decision.Effects)
                Perform(effect);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // A rule of ours is broken. Nothing is known any more, so nothing more is done; what is on the disk stays.
            _log.Error(broken, "the run's machine broke at {0}", input);
            Finish(new RunEnded(JobPhase.Failed, $"{broken.GetType().Name}: {broken.Message.ReplaceLineEndings(" ")}", _machine.Version ?? 0, null, null, null)
            {
                End = EndReason.InternalError,
            });
        }
    }

    private void Perform(RunEffect effect)
    {
        switch (effect)
        {
            case RunEffect.Restore: _desk.RestoreAsync().PipeTo(Self, success: read => new RestoredParts(read.Input, read.Warnings)); break;
            case RunEffect.AddNode add: _desk.AddAsync(add).PipeTo(Self); break;
            case RunEffect.ResetSum: _desk.ResetAsync().PipeTo(Self); break;
            case RunEffect.Check check: _desk.CheckAsync(check.Step).PipeTo(Self); break;
            case RunEffect.Update update: _desk.UpdateAsync(update.Step, update.Norm).PipeTo(Self); break;
            case RunEffect.KeepRecord record: _desk.KeepRecordAsync(record.Summary).PipeTo(Self); break;
            case RunEffect.KeepSnapshot snapshot: _desk.KeepSnapshotAsync(snapshot.Version).PipeTo(Self); break;
            case RunEffect.KeepBest: _desk.KeepBestAsync().PipeTo(Self); break;
            case RunEffect.KeepDecisions decisions: _desk.KeepDecisionsAsync(decisions).PipeTo(Self); break;
            case RunEffect.PublishResult result: _desk.PublishResultAsync(result).PipeTo(Self); break;
            case RunEffect.TellStarted started:
                Context.Parent.Tell(new JobsProtocol.Running(_desk.Store.Attempt));
                Tell(new RunStarted(_request.RunId, _desk.Store.Attempt, started.FirstStep, _machine.Settings.TotalSteps, _source!, started.Workers));
                break;
            case RunEffect.Tell tell: Tell(tell.Happened); break;
            case RunEffect.End end: Finish(end.Ended); break;
            default: _workers.Send(effect); break;
        }
    }

    private void Finish(RunEnded ended)
    {
        var over = new JobsProtocol.Over(_desk.Store.Attempt, ended);
        _isOver = true;
        Timers.CancelAll();
        _desk.CloseAsync().PipeTo(Self, success: () => over, failure: _ => over);
    }

    private void Tell(RunEvent happened)
    {
        if (happened is RunWarning warning)
            _log.Warning(warning.Text);
        if (happened is RunWarning { About: { } worker } note)
            Context.Parent.Tell(new JobsProtocol.Noted(worker, note.Text));
        _watcher.TryWrite(happened);
    }

    private sealed record RestoredParts(RunInput Input, IReadOnlyList<string> Warnings);
}
