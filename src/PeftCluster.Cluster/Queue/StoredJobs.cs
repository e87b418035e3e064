using Akka.Event;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Queue;

/// <summary>Between the jobs' machines and the database: what a machine decides is stored, then it counts, then somebody is answered.</summary>
/// <param name="book">The jobs.</param>
/// <param name="time">The clock.</param>
/// <param name="persist">Stores facts and calls back for each, in their order.</param>
/// <param name="told">Called for an end that is stored.</param>
/// <param name="log">For what is refused.</param>
/// <param name="faults">Planted faults.</param>
internal sealed class StoredJobs(
    JobBook book, TimeProvider time, Action<IEnumerable<JobFact>, Action<JobFact>> persist, Action<RunStood> told, ILoggingAdapter log, IFaultPoints faults)
{
    /// <summary>
    /// Stores what a job's machine decides on commands that follow each other, then goes on. Where the job stands still after them, how it
    /// does is stored and told as well.
    /// </summary>
    /// <param name="runId">The job's run.</param>
    /// <param name="commands">What is asked of it.</param>
    /// <param name="then">Called when all of it is stored.</param>
    /// <param name="refused">Called with the reason where one is refused, and nothing is stored; default: go on.</param>
    /// <param name="first">A fact that goes before.</param>
    /// <param name="ended">How its attempt has ended, where it has.</param>
    public void Decide(string runId, IReadOnlyList<JobCommand> commands, Action then, Action<string>? refused = null, SubmissionTaken? first = null, RunEnded? ended = null)
    {
        var job = book[runId]!.Job;
        List<JobFact> facts = first is null ? [] : [first];
        foreach (var command in commands)
        {
            var decision = job.Decide(command, time.GetUtcNow());
            if (decision is Jobs.Lifecycle.Decision.Refused no)
            {
                log.Debug("{0}: {1}", command.GetType().Name, no.Reason);
                (refused ?? (_ => then()))(no.Reason);
                return;
            }
            foreach (var happened in ((Jobs.Lifecycle.Decision.Accepted)decision).Events)
            {
                job = job.Apply(happened);
                facts.Add(new JobMoved(runId, job.Attempt, happened));
            }
        }
        if (UserDecisions.StandsAs(job) is { } stands)
            facts.Add(new RunStood(runId, ended ?? stands));
        Store(facts, then);
    }

    /// <summary>Nothing counts and nobody is answered before it is stored.</summary>
    public void Store(IReadOnlyCollection<JobFact> facts, Action then)
    {
        var left = facts.Count;
        persist(facts, fact =>
        {
            book.Apply(fact);
            if (fact is JobMoved moved)
                faults.Pass(FaultPoint.Of(book[moved.RunId]!.Job.Phase), moved.Attempt);
            if (fact is RunStood stood)
                told(stood);
            if (--left == 0)
                then();
        });
    }
}
