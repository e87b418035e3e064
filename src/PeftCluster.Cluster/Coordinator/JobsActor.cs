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
/// first, then it counts, then it is answered. One job runs at a time (<see cref="CurrentRun"/>), with all workers that it may use; others wait.
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
    private readonly RunAudience _audience;
    private readonly CurrentRun _current;

    public JobsActor(JobsOptions options)
    {
        (_options, _time, _staff) = (options, options.Place.Time, new Staff(Context, options.Place));
        JournalPluginId = options.Database is null ? "akka.persistence.journal.inmem" : "akka.persistence.journal.sql";
        SnapshotPluginId = "akka.persistence.no-snapshot-store";
        var life = JobId.New(_time).ToString();
        IAttemptLedger ledger = options.Database is { } database ? new SqlAttemptLedger(database, life, _time) : FolderLedger.Instance;
        var followers = Context.ActorOf(Props.Create(() => new FollowersActor(life, options.Place.Endpoint)), "followers");
        _audience = new RunAudience(followers);
        _jobs = new StoredJobs(_book, _time, PersistAll, _audience.Tell, _log, options.Place.Faults);
        _clients = new ClientDesk(Context, options, _book, _jobs, followers);
        _current = new CurrentRun(Context, options, ledger, _book, _jobs, _staff, _audience, Fall);
        Recover<JobFact>(_book.Apply);
        Recover<RecoveryCompleted>(_ => TakeUp());
        Command<Offer>(offer =>
        {
            if (_staff.Offered(offer))
                _current.StartNext();
        });
        Command<Terminated>(Gone);
        Command<JobsProtocol.DeviceGone>(_staff.Gone);
        Command<JobsProtocol.Noted>(noted => _current.Says(Sender), _staff.Note);
        Command<JobsProtocol.AskWorkers>(_ => Sender.Tell(_staff.Statuses(_current.InHand?.RunId)));
        Command<JobsProtocol.Submit>(SubmittedHere);
        Command<AskCoordinator>(_ => Sender.Tell(new CoordinatorHere(life, options.Place.Endpoint, options.Build)));
        Command<SubmitJob>(submit => _clients.Submitted(submit, queued: _current.StartNext));
        Command<DecideJob>(UserDecided);
        Command<FollowJob>(_clients.Follow);
        Command<ListJobs>(_ => _clients.List(_staff.Count));
        Command<RunOpening.Opened>(_current.Opened);
        Command<RunOpening.NotOpened>(_current.NotOpened);
        Command<JobsProtocol.Running>(running => _current.Says(Sender), running => _jobs.Decide(_current.InHand!.RunId, [new ReportRunning(running.Attempt)], () => { }));
        Command<JobsProtocol.Over>(over => _current.Says(Sender), over => _current.Close(over.Attempt, over.Ended));
        Command<RunOpening.Closed>(closed =>
        {
            _current.Closed(closed);
            _options.Sweep(_book.Needed);
        });
        Command<Confirm>(_ =>
        {
            if (_current.InHand is { } running)
                RunOpening.ConfirmAsync(running.Store, running.RunId, _confirm).PipeTo(Self);
        });
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
                _jobs.Decide(entry.RunId, [new ReportLost(entry.Job.Attempt), new ResumeJob()], _current.StartNext);
            else if (entry.Job.Phase is JobPhase.Pausing or JobPhase.Stopping)
                _jobs.Decide(entry.RunId, [new ReportLost(entry.Job.Attempt)], _current.StartNext);
            else if (entry.Ended is { } ended)
                _audience.TellAgain(entry.RunId, ended);
        _options.Sweep(_book.Needed);
        _current.StartNext();
    }

    private void Gone(Terminated gone)
    {
        _staff.Gone(gone.ActorRef);
        _current.Gone(gone.ActorRef);
    }

    private void SubmittedHere(JobsProtocol.Submit submit)
    {
        var request = submit.Request;
        _audience.Add(submit);
        _jobs.Store([new SubmissionTaken(request.RunId, request.RunId, Jobs.Spec.JobFile.Write(request.Job), request.Data, _time.GetUtcNow())], _current.StartNext);
    }

    private void UserDecided(DecideJob wish)
    {
        var running = _current.InHand is { } inHand && inHand.RunId == wish.RunId ? inHand : null;
        if (running is not null && _audience.IsHere(wish.RunId))
            _clients.Settle(wish, running.Run);
        else
            _clients.Decided(wish, running?.Store);
    }

    private void Confirmed(RunOpening.Confirmed confirmed)
    {
        var run = _current.InHand is { } running && running.RunId == confirmed.RunId && running.Attempt == confirmed.Attempt ? running.Run : null;
        if (confirmed.Problem is { } problem)
            _log.Warning(problem);
        if (confirmed.Lost is { } reason)
            run?.Tell(new JobsProtocol.Fenced(reason));
        else if (confirmed is { Wish: { } unsettled, Problem: { } why })
            _clients.Unsettled(unsettled, why);
        else if (confirmed.Wish is { } wish)
            _clients.Settle(wish, run);
    }

    private sealed record Confirm;
}
