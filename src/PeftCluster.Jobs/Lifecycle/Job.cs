using System.Diagnostics;

namespace PeftCluster.Jobs.Lifecycle;

/// <summary>
/// The life of a job, as a pure machine: <see cref="Decide"/> turns a command into events, <see cref="Apply"/> turns an
/// event into the next state. No clock, no randomness, no I/O: time comes in with a command and goes on in the event.
/// <code>
/// queued ─▶ starting ─▶ running ─▶ completed          any run ─▶ failed
///   ▲           └──────────┴─▶ pausing ─▶ paused ─▶ queued
///   └ submitted            └─▶ stopping ─▶ cancelled   queued, paused ─▶ cancelled at once
/// </code>
/// A run that has come to its end before it heard of a pause or a cancellation is completed: the result is there.
/// </summary>
/// <param name="Id">Which job.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Attempt">The attempt that runs or ran last; 0 before the first.</param>
/// <param name="Since">When it came into this phase.</param>
public sealed record Job(JobId Id, JobPhase Phase, int Attempt, DateTimeOffset Since)
{
    /// <summary>Why it stands still, is stopping, or has ended, in one line; null while it waits or runs.</summary>
    public string? Why { get; private init; }

    /// <summary>Which of the named reasons ended it; null before the end.</summary>
    public EndReason? End { get; private init; }

    public bool HasEnded => End is not null;

    /// <summary>A new job, from the first of its events.</summary>
    public static Job From(JobSubmitted submitted) => new(submitted.Id, JobPhase.Queued, Attempt: 0, submitted.At);

    /// <summary>The job as its stored events tell it.</summary>
    public static Job Replay(JobSubmitted submitted, IEnumerable<JobEvent> later) =>
        later.Aggregate(From(submitted), (job, happened) => job.Apply(happened));

    /// <summary>What follows from a command: events to be stored before anyone is answered, or a reason why not.</summary>
    /// <param name="command">What is asked or reported.</param>
    /// <param name="now">The time, which the events carry.</param>
    public Decision Decide(JobCommand command, DateTimeOffset now)
    {
        if (HasEnded)
            return Decision.Refuse($"the job is {Word}: {Why}. An ended job stays as it is; submit a new one.");
        if (command is RunReport report && report.Attempt != Attempt)
            return Decision.Refuse($"the report is of attempt {report.Attempt}, and the job is at attempt {Attempt}.");
        return command switch
        {
            StartJob start => In(JobPhase.Queued) ? Decision.Accept(new AttemptStarted(Math.Max(Attempt + 1, start.AtLeast), now)) : NotNow("start"),
            PauseJob => DecidePause(now),
            ResumeJob => In(JobPhase.Paused) ? Decision.Accept(new JobRequeued(now)) : NotNow("resume"),
            CancelJob cancel => DecideCancel(cancel, now),
            ReportRunning => In(JobPhase.Starting) ? Decision.Accept(new JobRunning(now)) : NotNow("run"),
            ReportPaused paused => In(JobPhase.Pausing)
                ? Decision.Accept(new JobPaused($"as asked, after {paused.Steps} steps", now))
                : NotNow("stand still"),
            ReportEnded ended => DecideEnd(ended, now),
            ReportLost => DecideLost(now),
            _ => throw new UnreachableException($"no rule for {command.GetType().Name}"),
        };
    }

    /// <summary>The state after an event that <see cref="Decide"/> gave, now or in an earlier life of the process.</summary>
    public Job Apply(JobEvent happened) => happened switch
    {
        AttemptStarted started => Into(JobPhase.Starting, happened) with { Attempt = started.Attempt },
        JobRunning => Into(JobPhase.Running, happened),
        PauseRequested => Into(JobPhase.Pausing, happened),
        JobPaused paused => Into(JobPhase.Paused, happened, paused.Why),
        JobRequeued => Into(JobPhase.Queued, happened),
        CancelRequested cancelled => Into(JobPhase.Stopping, happened, cancelled.Why),
        JobEnded ended => Into(ended.Reason.Phase(), happened, ended.Detail) with { End = ended.Reason },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow on another event"),
    };

    private string Word => Phase.ToString().ToLowerInvariant();

    private Decision DecidePause(DateTimeOffset now) => Phase switch
    {
        JobPhase.Queued => Decision.Accept(new JobPaused("as asked, while it waited", now)),
        JobPhase.Starting or JobPhase.Running => Decision.Accept(new PauseRequested(now)),
        _ => NotNow("pause"),
    };

    private Decision DecideCancel(CancelJob cancel, DateTimeOffset now) => Phase switch
    {
        JobPhase.Queued or JobPhase.Paused => Decision.Accept(new JobEnded(EndReason.Cancelled, cancel.Why, now)),
        JobPhase.Starting or JobPhase.Running or JobPhase.Pausing => Decision.Accept(new CancelRequested(cancel.Why, now)),
        _ => NotNow("cancel"),
    };

    private Decision DecideEnd(ReportEnded ended, DateTimeOffset now) => (Phase, ended.Reason.Phase()) switch
    {
        _ when !ended.Reason.IsOfTheJob() => Decision.Refuse($"{ended.Reason.Name()} is no end of a job."),
        (JobPhase.Queued or JobPhase.Paused, _) => NotNow("end"),
        (JobPhase.Starting, JobPhase.Completed) => NotNow("complete"),
        (not JobPhase.Stopping, JobPhase.Cancelled) => Decision.Refuse($"the job is {Word}, and nobody asked to cancel it."),
        // It was going to end without a result anyway; what went wrong on the way is told, but is not the reason.
        (JobPhase.Stopping, JobPhase.Failed) => Decision.Accept(new JobEnded(EndReason.Cancelled, $"{Why}; while stopping: {ended.Detail}", now)),
        _ => Decision.Accept(new JobEnded(ended.Reason, ended.Detail, now)),
    };

    private Decision DecideLost(DateTimeOffset now) => Phase switch
    {
        JobPhase.Stopping => Decision.Accept(new JobEnded(EndReason.Cancelled, $"{Why}; its process was gone before it stopped", now)),
        JobPhase.Starting or JobPhase.Running or JobPhase.Pausing => Decision.Accept(new JobPaused("its process is gone; resume continues at the last commit", now)),
        _ => NotNow("lose its run"),
    };

    private bool In(JobPhase phase) => Phase == phase;

    private Decision NotNow(string verb) => Decision.Refuse($"a job that is {Word} cannot {verb}.");

    private Job Into(JobPhase phase, JobEvent happened, string? why = null) => this with { Phase = phase, Since = happened.At, Why = why };
}
