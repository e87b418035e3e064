using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// Knows the workers and the jobs: a shell over the <see cref="Job"/> machines in its <see cref="JobBook"/>. What a machine decides is stored
/// first, then it counts, then it is answered. One job runs at a time, with all workers that it may use; others wait.
/// Jobs come from this process with their folder open, or from afar.
/// </summary>
internal sealed class JobsActor : ReceivePersistentActor
{
    private readonly JobsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly JobBook _book = new();
    private readonly StoredJobs _jobs;
    private readonly WorkerBook _workers;
    private readonly Dictionary<string, JobsProtocol.Submit> _here = [];
    private readonly IActorRef _followers;
    private readonly string _life;
    private string? _opening;
    private RunInHand? _inHand;

    public JobsActor(JobsOptions options)
    {
        (_options, _time, _workers) = (options, options.Place.Time, new WorkerBook(options.Place.Admission));
        _life = JobId.New(_time).ToString();
        _followers = Context.ActorOf(Props.Create(() => new FollowersActor(_life, options.Place.Endpoint)), "followers");
        _jobs = new StoredJobs(_book, _time, PersistAll, Tell, _log, options.Place.Faults);
        Recover<JobFact>(_book.Apply);
        Recover<RecoveryCompleted>(_ => TakeUp());
        Command<Offer>(Offered);
        Command<Terminated>(Gone);
        Command<JobsProtocol.DeviceGone>(DeviceGone);
        Command<JobsProtocol.AskWorkers>(_ => Sender.Tell(new JobsProtocol.WorkersTold(_workers.Statuses(
            device => _inHand is { } running && running.Workers.Contains(device) ? running.RunId : null))));
        Command<JobsProtocol.Submit>(SubmittedHere);
        Command<AskCoordinator>(_ => Sender.Tell(new CoordinatorHere(_life, options.Place.Endpoint, options.Build)));
        Command<SubmitJob>(Submitted);
        Command<DecideJob>(UserDecided);
        Command<FollowJob>(follow => ForKnown(follow.RunId, () => _followers.Forward(follow)));
        Command<ListJobs>(_ => _followers.Forward(new FollowersActor.Listed([.. _book.Entries.TakeLast(JobRows.Most).Select(entry => JobRows.Of(entry, _workers.Admitted.Count()))])));
        Command<RunOpening.Opened>(opened => Begin(opened.Request.RunId, new(opened.Request, opened.Store, new FollowedWriter(opened.Request.RunId, _followers))));
        Command<RunOpening.NotOpened>(NotOpened);
        Command<JobsProtocol.Running>(running => Sender.Equals(_inHand?.Run), running => _jobs.Decide(_inHand!.RunId, [new ReportRunning(running.Attempt)], () => { }));
        Command<JobsProtocol.Over>(over => Sender.Equals(_inHand?.Run), over => Close(over.Attempt, over.Ended));
        Command<RunOpening.Closed>(Closed);
    }

    public override string PersistenceId => "jobs";

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

    private void Offered(Offer offer)
    {
        var answer = _workers.Take(offer, Sender);
        if (answer.Refused is { } reason)
        {
            Sender.Tell(new OfferRefused(offer.Device, reason));
            return;
        }
        if (answer.Replaced is { } dead)
        {
            Context.Unwatch(dead);
            Lose(offer.Device, "its process was started anew");
        }
        Context.Watch(Sender);
        Sender.Tell(new Accepted(offer.Device, _options.Place.Endpoint));
        if (!answer.IsNew)
            return;
        if (_inHand is { } running && running.Workers.Count < running.MostWorkers)
        {
            _inHand = running with { Workers = running.Workers.Add(offer.Device) };
            running.Run.Tell(new JobsProtocol.HereIs(offer.Device, Sender));
        }
        StartNext();
    }

    private void DeviceGone(JobsProtocol.DeviceGone gone)
    {
        if (!_workers.Remove(gone.Device, out var actor))
            return;
        Context.Unwatch(actor);
        Lose(gone.Device, "its connection has ended");
    }

    private void Lose(string device, string cause)
    {
        if (_inHand is not { } running || !running.Workers.Contains(device))
            return;
        _inHand = running with { Workers = running.Workers.Remove(device) };
        running.Run.Tell(new JobsProtocol.Gone(device, cause));
    }

    private void Gone(Terminated gone)
    {
        if (_workers.Remove(gone.ActorRef, out var device))
            Lose(device, "its process or actor has ended");
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

    private void Submitted(SubmitJob submit)
    {
        var taken = new SubmissionTaken(submit.RunId, submit.Submission, submit.JobYaml, submit.Data, _time.GetUtcNow());
        var known = _book[submit.RunId];
        if (known?.Submission.Submission == submit.Submission)
            Answer(isNew: false);
        else if (Submissions.Refused(_options, submit, known) is { } refused)
            Sender.Tell(refused);
        else if (known is null)
            _jobs.Store([taken], () => Answer(isNew: true));
        else
            _jobs.Decide(submit.RunId, [new ResumeJob()], () => Answer(isNew: true), refused: reason => Sender.Tell(new JobRefused(submit.RunId, reason, IsBadInput: true)), first: taken);

        void Answer(bool isNew)
        {
            _followers.Forward(new FollowersActor.Taken(submit.RunId, isNew));
            StartNext();
        }
    }

    private void UserDecided(DecideJob wish) => ForKnown(wish.RunId, () =>
    {
        var job = _book[wish.RunId]!.Job;
        if (UserDecisions.HoldsAlready(job, wish.Decision))
            Sender.Tell(new Decided(wish.RunId, wish.Decision, job.Attempt));
        else
            _jobs.Decide(wish.RunId, [UserDecisions.Command(wish.Decision)], () =>
            {
                Sender.Tell(new Decided(wish.RunId, wish.Decision, job.Attempt));
                if (_inHand is { } running && running.RunId == wish.RunId)
                    running.Run.Tell(UserDecisions.ToRun(wish.Decision));
            }, refused: reason => Sender.Tell(new DecisionRefused(wish.RunId, wish.Decision, reason)));
    });

    private void StartNext()
    {
        if (_inHand is not null || _opening is not null || _book.Next is not { } next)
            return;
        if (_here.TryGetValue(next.RunId, out var submit))
        {
            Begin(next.RunId, submit);
            return;
        }
        if (JobRows.WorkersMissing(next, _workers.Admitted.Count()) > 0)
            return;
        _opening = next.RunId;
        RunOpening.OpenAsync(_options, next).PipeTo(Self);
    }

    private void Begin(string runId, JobsProtocol.Submit submit)
    {
        _opening = runId;
        var most = submit.Request.Job.Resources.Workers?.Max ?? int.MaxValue;
        _jobs.Decide(runId, [new StartJob(submit.Store.Attempt)], () =>
        {
            JobsProtocol.HereIs[] workers = [.. _workers.Admitted.Take(most)];
            var run = Context.ActorOf(Props.Create(() => new RunActor(submit.Request, submit.Store, _options.Place, workers, submit.Watcher)));
            Context.Watch(run);
            (_opening, _inHand) = (null, new RunInHand(runId, submit.Store.Attempt, run, [.. workers.Select(worker => worker.Worker)], most));
        }, refused: _ =>
        {
            submit.Store.Dispose();
            _opening = null;
            StartNext();
        });
    }

    private void NotOpened(RunOpening.NotOpened failed) => _jobs.Decide(failed.RunId, [new StartJob()], () =>
    {
        _opening = null;
        Stood(failed.RunId, _book[failed.RunId]!.Job.Attempt, new RunEnded(failed.Reason.Phase(), failed.Detail, 0, null, null, null) { End = failed.Reason });
    }, refused: _ =>
    {
        _opening = null;
        StartNext();
    });

    private void Close(int attempt, RunEnded ended)
    {
        Context.Unwatch(_inHand!.Run);
        RunOpening.CloseAsync(_options, _inHand.RunId, attempt, ended, isFromAfar: !_here.ContainsKey(_inHand.RunId)).PipeTo(Self);
    }

    private void Closed(RunOpening.Closed closed)
    {
        if (_inHand?.RunId != closed.RunId || _inHand.Attempt != closed.Attempt)
            return;
        _inHand = null;
        _log.Info("run {0}, attempt {1}: {2}: {3}", closed.RunId, closed.Attempt, closed.Ended.Phase, closed.Ended.Reason);
        Stood(closed.RunId, closed.Attempt, closed.Ended);
    }

    /// <summary>An attempt is over: the job hears of it, then its clients, then the next one begins.</summary>
    private void Stood(string runId, int attempt, RunEnded ended)
    {
        ended = UserDecisions.Settled(_book[runId]!.Job, ended);
        _jobs.Decide(runId, [ended.End is { } reason ? new ReportEnded(attempt, reason, ended.Reason) : new ReportPaused(attempt, ended.Steps)], StartNext, ended: ended);
    }

    private void ForKnown(string runId, Action then)
    {
        if (_book[runId] is null)
            Sender.Tell(new JobRefused(runId, $"{runId}: no such run is known to this coordinator. peft cluster status lists those that are.", IsBadInput: true));
        else
            then();
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

    private sealed record RunInHand(string RunId, int Attempt, IActorRef Run, ImmutableHashSet<string> Workers, int MostWorkers);
}
