using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Queue;

/// <summary>What clients ask of a jobs actor. Whatever changes something is answered when it is stored; said twice, it is answered alike.</summary>
/// <param name="context">The jobs actor's.</param>
/// <param name="options">What it works with.</param>
/// <param name="book">The jobs.</param>
/// <param name="jobs">Stores what is decided.</param>
/// <param name="followers">Who tells clients what happens.</param>
internal sealed class ClientDesk(IActorContext context, JobsOptions options, JobBook book, StoredJobs jobs, IActorRef followers)
{
    /// <summary>A job comes from afar.</summary>
    /// <param name="submit">What is submitted.</param>
    /// <param name="queued">Called when it waits in the queue.</param>
    public void Submitted(SubmitJob submit, Action queued)
    {
        var client = context.Sender;
        var taken = new SubmissionTaken(submit.RunId, submit.Submission, submit.JobYaml, submit.Data, options.Place.Time.GetUtcNow());
        var known = book[submit.RunId];
        if (known?.Submission.Submission == submit.Submission)
            Answer(isNew: false);
        else if (Submissions.Refused(options, submit, known) is { } refused)
            client.Tell(refused);
        else if (known?.Job.Phase == JobPhase.Completed)
            // Nothing is left to do; its end is told again.
            Answer(isNew: false);
        else if (known is null || known.Job.HasEnded)
            jobs.Store([taken], () => Answer(isNew: true));
        else
            jobs.Decide(submit.RunId, [new ResumeJob()], () => Answer(isNew: true), refused: reason => client.Tell(new JobRefused(submit.RunId, reason, IsBadInput: true)), first: taken);

        void Answer(bool isNew)
        {
            followers.Tell(new FollowersActor.Taken(submit.RunId, isNew), client);
            queued();
        }
    }

    /// <summary>A user has decided something about a job. Where another coordinator may hold its run, that is asked first.</summary>
    public void Decided(DecideJob wish, RunStore? held)
    {
        if (!IsKnown(wish.RunId))
            return;
        if (held is null)
            Settle(wish, run: null);
        else
            RunOpening.ConfirmAsync(held, wish.RunId, TimeSpan.Zero, wish).PipeTo(context.Self, context.Sender);
    }

    /// <summary>Stores a decision, answers, and tells the run, where one is in hand.</summary>
    public void Settle(DecideJob wish, IActorRef? run)
    {
        var (client, job) = (context.Sender, book[wish.RunId]!.Job);
        if (UserDecisions.HoldsAlready(job, wish.Decision))
        {
            client.Tell(new Decided(wish.RunId, wish.Decision, job.Attempt));
            return;
        }
        jobs.Decide(wish.RunId, [UserDecisions.Command(wish.Decision)], () =>
        {
            client.Tell(new Decided(wish.RunId, wish.Decision, job.Attempt));
            run?.Tell(UserDecisions.ToRun(wish.Decision));
        }, refused: reason => client.Tell(new DecisionRefused(wish.RunId, wish.Decision, reason)));
    }

    /// <summary>Nobody knows who holds the run, so nothing is decided.</summary>
    public void Unsettled(DecideJob wish, string problem) =>
        context.Sender.Tell(new DecisionRefused(wish.RunId, wish.Decision, $"{problem}. Nothing is decided; try again."));

    public void Follow(FollowJob follow)
    {
        if (IsKnown(follow.RunId))
            followers.Forward(follow);
    }

    public void List(int workers) =>
        followers.Forward(new FollowersActor.Listed([.. book.Entries.TakeLast(JobRows.Most).Select(entry => JobRows.Of(entry, workers))]));

    private bool IsKnown(string runId)
    {
        if (book[runId] is not null)
            return true;
        context.Sender.Tell(new JobRefused(runId, $"{runId}: no such run is known to this coordinator. peft cluster status lists those that are.", IsBadInput: true));
        return false;
    }
}
