using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// Knows the workers and the jobs: a shell over the <see cref="Job"/> machines in its <see cref="JobBook"/>. What a machine decides is stored
/// first, then it counts, then it is answered. One job runs at a time, with all workers that it may use; others wait.
/// Jobs come from this process with their folder open, or from afar.
/// </summary>
internal sealed class JobsActor : ReceivePersistentActor, IWithTimers
{
    /// <summary>So often a run's claim is asked for, also where a step takes longer.</summary>
    private static readonly TimeSpan _confirm = TimeSpan.FromSeconds(2);

    private readonly JobsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly JobBook _book = new();
    private readonly StoredJobs _jobs;
    private readonly Staff _staff;
    private readonly ClientDesk _clients;
    private readonly Dictionary<string, JobsProtocol.Submit> _here = [];
    private readonly IActorRef _followers;
    private readonly IAttemptLedger _ledger;
    private string? _opening;
    private RunInHand? _inHand;

    public JobsActor(JobsOptions options)
    {
        (_options, _time, _staff) = (options, options.Place.Time, new Staff(Context, options.Place));
        JournalPluginId = options.Database is null ? "akka.persistence.journal.inmem" : "akka.persistence.journal.sql";
        SnapshotPluginId = "akka.persistence.no-snapshot-store";
        var life = JobId.New(_time).ToString();
        _ledger = options.Database is { } database ? new SqlAttemptLedger(database, life, _time) : FolderLedger.Instance;
        _followers = Context.ActorOf(Props.Create(() => new FollowersActor(life, options.Place.Endpoint)), "followers");
        _jobs = new StoredJobs(_book, _time, PersistAll, Tell, _log, options.Place.Faults);
        _clients = new ClientDesk(Context, options, _book, _jobs, _followers);
        Recover<JobFact>(_book.Apply);
        Recover<RecoveryCompleted>(_ => TakeUp());
        Command<Offer>(offer =>
        {
            if (_staff.Offered(offer))
                StartNext();
        });
        Command<Terminated>(Gone);
        Command<JobsProtocol.DeviceGone>(_staff.Gone);
        Command<JobsProtocol.Noted>(noted => Sender.Equals(_inHand?.Run), _staff.Note);
        Command<JobsProtocol.AskWorkers>(_ => Sender.Tell(_staff.Statuses(_inHand?.RunId)));
        Command<JobsProtocol.Submit>(SubmittedHere);
        Command<AskCoordinator>(_ => Sender.Tell(new CoordinatorHere(life, options.Place.Endpoint, options.Build)));
        Command<SubmitJob>(submit => _clients.Submitted(submit, queued: StartNext));
        Command<DecideJob>(UserDecided);
        Command<FollowJob>(_clients.Follow);
        Command<ListJobs>(_ => _clients.List(_staff.Count));
        Command<RunOpening.Opened>(Opened);
        Command<RunOpening.NotOpened>(NotOpened);
        Command<JobsProtocol.Running>(running => Sender.Equals(_inHand?.Run), running => _jobs.Decide(_inHand!.RunId, [new ReportRunning(running.Attempt)], () => { }));
        Command<JobsProtocol.Over>(over => Sender.Equals(_inHand?.Run), over => Close(over.Attempt, over.Ended));
        Command<RunOpening.Closed>(Closed);
        Command<Confirm>(_ => _inHand is not null, _ => RunOpening.ConfirmAsync(_inHand!.Store, _inHand.RunId, _confirm).PipeTo(Self));
        Command<Confirm>(_ => { });
        Command<RunOpening.Confirmed>(Confirmed);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId => "jobs";

    protected override void PreStart()
    {
        if (_options.Database is not null)
            Timers.StartPeriodicTimer("confirm", new Confirm(), _confirm);
        base.PreStart();
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => Fall($"the job database cannot be written ({cause.Message})");

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => Fall($"the job database does not take {@event.GetType().Name} ({cause.Message})");

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => Fall($"the job database cannot be read ({reason.Message})");

    /// <summary>Ends this actor. What was not stored was not acknowledged; who asked asks again, of the coordinator that comes after.</summary>
    private void Fall(string reason)
    {
        _log.Error("the jobs actor ends: {0}", reason);
        _options.Fell(reason);
        Context.Stop(Self);
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    /// <summary>What ran when the coordinator's process ended: a run is taken up again, what was asked to stop has stopped.</summary>
    private void TakeUp()
    {
        foreach (var entry in _book.Entries.ToArray())
            if (entry.Job.Phase is JobPhase.Starting or JobPhase.Running)
                _jobs.Decide(entry.RunId, [new ReportLost(entry.Job.Attempt), new ResumeJob()], StartNext);
            else if (entry.Job.Phase is JobPhase.Pausing or JobPhase.Stopping)
                _jobs.Decide(entry.RunId, [new ReportLost(entry.Job.Attempt)], StartNext);
            else if (entry.Ended is { } ended)
                _followers.Tell(new FollowersActor.Happened(entry.RunId, ended));
        StartNext();
    }

    private void Gone(Terminated gone)
    {
        _staff.Gone(gone.ActorRef);
        // The run's own end comes before this; without it the actor has failed.
        if (_inHand is { } running && running.Run.Equals(gone.ActorRef))
            Close(running.Attempt, new RunEnded(JobPhase.Failed, "the run's actor ended without a word; the log has the cause", 0, null, null, null) { End = EndReason.InternalError });
    }

    private void SubmittedHere(JobsProtocol.Submit submit)
    {
        var request = submit.Request;
        _here.Add(request.RunId, submit);
        _jobs.Store([new SubmissionTaken(request.RunId, request.RunId, Jobs.Spec.JobFile.Write(request.Job), request.Data, _time.GetUtcNow())], StartNext);
    }

    private void UserDecided(DecideJob wish)
    {
        var running = _inHand?.RunId == wish.RunId ? _inHand : null;
        if (running is not null && _here.ContainsKey(wish.RunId))
            _clients.Settle(wish, running.Run);
        else
            _clients.Decided(wish, running?.Store);
    }

    private void Confirmed(RunOpening.Confirmed confirmed)
    {
        var run = _inHand is { } running && running.RunId == confirmed.RunId && running.Attempt == confirmed.Attempt ? running.Run : null;
        if (confirmed.Problem is { } problem)
            _log.Warning(problem);
        if (confirmed.Lost is { } reason)
            run?.Tell(new JobsProtocol.Fenced(reason));
        else if (confirmed is { Wish: { } unsettled, Problem: { } why })
            _clients.Unsettled(unsettled, why);
        else if (confirmed.Wish is { } wish)
            _clients.Settle(wish, run);
    }

    private void StartNext()
    {
        if (_inHand is not null || _opening is not null || _book.Next is not { } next)
            return;
        if (_here.TryGetValue(next.RunId, out var submit))
        {
            Begin(next.RunId, submit);
            return;
        }
        if (JobRows.WorkersMissing(next, _staff.Count) > 0)
            return;
        _opening = next.RunId;
        RunOpening.OpenAsync(_options, _ledger, next).PipeTo(Self);
    }

    private void Opened(RunOpening.Opened opened)
    {
        if (JobRows.WorkersMissing(_book[opened.Request.RunId]!, _staff.Count) == 0)
        {
            Begin(opened.Request.RunId, new(opened.Request, opened.Store, new FollowedWriter(opened.Request.RunId, _followers)));
            return;
        }
        // Workers have gone while the folder was opened: the job waits again.
        opened.Store.Dispose();
        _opening = null;
    }

    private void Begin(string runId, JobsProtocol.Submit submit)
    {
        _opening = runId;
        var most = submit.Request.Job.Resources.Workers?.Max ?? int.MaxValue;
        _jobs.Decide(runId, [new StartJob(submit.Store.Attempt)], () =>
        {
            var workers = _staff.Choose(most);
            var run = Context.ActorOf(Props.Create(() => new RunActor(submit.Request, submit.Store, _options.Place, workers, submit.Watcher)));
            Context.Watch(run);
            _staff.Give(run, workers, most);
            (_opening, _inHand) = (null, new RunInHand(runId, submit.Store, run));
        }, refused: _ =>
        {
            submit.Store.Dispose();
            _opening = null;
            StartNext();
        });
    }

    private void NotOpened(RunOpening.NotOpened failed)
    {
        if (!failed.Reason.IsOfTheJob())
        {
            Fall(failed.Detail);
            return;
        }
        _opening = null;
        _jobs.Decide(failed.RunId, [new StartJob()],
            () => Stood(failed.RunId, _book[failed.RunId]!.Job.Attempt, new RunEnded(failed.Reason.Phase(), failed.Detail, 0, null, null, null) { End = failed.Reason }),
            refused: _ => StartNext());
    }

    private void Close(int attempt, RunEnded ended)
    {
        Context.Unwatch(_inHand!.Run);
        RunOpening.CloseAsync(_options, _inHand.RunId, attempt, ended, isFromAfar: !_here.ContainsKey(_inHand.RunId)).PipeTo(Self);
    }

    private void Closed(RunOpening.Closed closed)
    {
        if (_inHand?.RunId != closed.RunId || _inHand.Attempt != closed.Attempt)
            return;
        if (closed.Ended.End is { } end && !end.IsOfTheJob())
        {
            Fall(closed.Ended.Reason);
            return;
        }
        _inHand = null;
        _staff.TakeBack();
        _log.Info("run {0}, attempt {1}: {2}: {3}", closed.RunId, closed.Attempt, closed.Ended.Phase, closed.Ended.Reason);
        Stood(closed.RunId, closed.Attempt, closed.Ended);
    }

    /// <summary>An attempt is over: the job hears of it, then its clients, then the next one begins.</summary>
    private void Stood(string runId, int attempt, RunEnded ended)
    {
        ended = UserDecisions.Settled(_book[runId]!.Job, ended);
        _jobs.Decide(runId, [ended.End is { } reason ? new ReportEnded(attempt, reason, ended.Reason) : new ReportPaused(attempt, ended.Steps)], StartNext, ended: ended);
    }

    private void Tell(RunStood stood)
    {
        if (!_here.Remove(stood.RunId, out var submit))
        {
            _followers.Tell(new FollowersActor.Happened(stood.RunId, stood.Ended));
            return;
        }
        // Where its run has told the end itself, this changes nothing.
        submit.Watcher.TryWrite(stood.Ended);
        submit.Watcher.TryComplete();
        submit.Store.Dispose();
    }

    private sealed record Confirm;

    private sealed record RunInHand(string RunId, RunStore Store, IActorRef Run)
    {
        public int Attempt => Store.Attempt;
    }
}
