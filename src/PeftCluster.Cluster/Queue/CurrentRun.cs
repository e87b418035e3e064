using Akka.Actor;
using Akka.Event;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Queue;

/// <summary>
/// The one run that a jobs actor has in hand: takes the next job from the book, opens its folder, begins an attempt, closes it, and takes the
/// next. While a folder is opened or an attempt is closed, none is begun.
/// </summary>
/// <param name="context">The jobs actor's.</param>
/// <param name="options">What it works with.</param>
/// <param name="ledger">Gives attempts their numbers.</param>
/// <param name="book">The jobs.</param>
/// <param name="jobs">Stores what is decided.</param>
/// <param name="staff">The workers.</param>
/// <param name="audience">Who hears how it goes.</param>
/// <param name="fall">Called with a reason that is not the job's own: the jobs actor must end.</param>
internal sealed class CurrentRun(
    IActorContext context, JobsOptions options, IAttemptLedger ledger, JobBook book, StoredJobs jobs, Staff staff, RunAudience audience, Action<string> fall)
{
    private string? _opening;

    /// <summary>The run that goes on now, or null.</summary>
    public Attempted? InHand { get; private set; }

    /// <summary>Whether a message comes from the run in hand.</summary>
    public bool Says(IActorRef sender) => sender.Equals(InHand?.Run);

    /// <summary>Takes the next job, where nothing is in hand and it has its workers.</summary>
    public void StartNext()
    {
        if (InHand is not null || _opening is not null || book.Next is not { } next)
            return;
        if (audience.Here(next.RunId) is { } submit)
        {
            Begin(next.RunId, submit);
            return;
        }
        if (JobRows.WorkersMissing(next, staff.Count) > 0)
            return;
        _opening = next.RunId;
        RunOpening.OpenAsync(options, ledger, next).PipeTo(context.Self);
    }

    /// <summary>The folder of a run from afar is open.</summary>
    public void Opened(RunOpening.Opened opened)
    {
        if (JobRows.WorkersMissing(book[opened.Request.RunId]!, staff.Count) == 0)
        {
            Begin(opened.Request.RunId, new(opened.Request, opened.Store, audience.Afar(opened.Request.RunId)));
            return;
        }
        // Workers have gone while the folder was opened: the job waits again.
        opened.Store.Dispose();
        _opening = null;
    }

    /// <summary>The folder of a run from afar cannot be opened: its attempt ends before it has begun.</summary>
    public void NotOpened(RunOpening.NotOpened failed)
    {
        if (!failed.Reason.IsOfTheJob())
        {
            fall(failed.Detail);
            return;
        }
        _opening = null;
        jobs.Decide(failed.RunId, [new StartJob()],
            () => Stood(failed.RunId, book[failed.RunId]!.Job.Attempt, new RunEnded(failed.Reason.Phase(), failed.Detail, 0, null, null, null) { End = failed.Reason }),
            refused: _ => StartNext());
    }

    /// <summary>An actor has ended. A run's own end comes before this; without it the actor has failed.</summary>
    public void Gone(IActorRef actor)
    {
        if (InHand is { } running && running.Run.Equals(actor))
            Close(running.Attempt, new RunEnded(JobPhase.Failed, "the run's actor ended without a word; the log has the cause", 0, null, null, null) { End = EndReason.InternalError });
    }

    /// <summary>The attempt is over; the adapter's files go to the store.</summary>
    public void Close(int attempt, RunEnded ended)
    {
        context.Unwatch(InHand!.Run);
        RunOpening.CloseAsync(options, InHand.RunId, attempt, ended, isFromAfar: !audience.IsHere(InHand.RunId)).PipeTo(context.Self);
    }

    /// <summary>The attempt's files are in the store.</summary>
    public void Closed(RunOpening.Closed closed)
    {
        if (InHand?.RunId != closed.RunId || InHand.Attempt != closed.Attempt)
            return;
        if (closed.Ended.End is { } end && !end.IsOfTheJob())
        {
            fall(closed.Ended.Reason);
            return;
        }
        InHand = null;
        staff.TakeBack();
        context.GetLogger().Info("run {0}, attempt {1}: {2}: {3}", closed.RunId, closed.Attempt, closed.Ended.Phase, closed.Ended.Reason);
        Stood(closed.RunId, closed.Attempt, closed.Ended);
    }

    private void Begin(string runId, JobsProtocol.Submit submit)
    {
        _opening = runId;
        var most = submit.Request.Job.Resources.Workers?.Max ?? int.MaxValue;
        jobs.Decide(runId, [new StartJob(submit.Store.Attempt)], () =>
        {
            var workers = staff.Choose(most);
            var run = context.ActorOf(Props.Create(() => new RunActor(submit.Request, submit.Store, options.Place, workers, submit.Watcher)));
            context.Watch(run);
            staff.Give(run, workers, most);
            (_opening, InHand) = (null, new Attempted(runId, submit.Store, run));
        }, refused: _ =>
        {
            submit.Store.Dispose();
            _opening = null;
            StartNext();
        });
    }

    /// <summary>An attempt is over: the job hears of it, then its clients, then the next one begins.</summary>
    private void Stood(string runId, int attempt, RunEnded ended)
    {
        ended = UserDecisions.Settled(book[runId]!.Job, ended);
        jobs.Decide(runId, [ended.End is { } reason ? new ReportEnded(attempt, reason, ended.Reason) : new ReportPaused(attempt, ended.Steps)], StartNext, ended: ended);
    }

    /// <summary>An attempt that goes on.</summary>
    /// <param name="RunId">The run.</param>
    /// <param name="Store">Its folder.</param>
    /// <param name="Run">Its actor.</param>
    public sealed record Attempted(string RunId, RunStore Store, IActorRef Run)
    {
        public int Attempt => Store.Attempt;
    }
}
