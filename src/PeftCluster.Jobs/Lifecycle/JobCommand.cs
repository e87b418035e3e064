namespace PeftCluster.Jobs.Lifecycle;

/// <summary>What someone asks of a job, or what its run reports. <see cref="Job.Decide"/> answers with events or a refusal.</summary>
public abstract record JobCommand
{
    /// <summary>A reason has to say something: a job that ended for "" helps nobody.</summary>
    private protected static string Said(string line)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(line);
        return line;
    }
}

/// <summary>The queue: places are free, begin the next attempt.</summary>
/// <param name="AtLeast">
/// The number that the attempt has taken where the run lies; it is above the job's own count where a process took a number and died
/// before the job heard of it.
/// </param>
public sealed record StartJob(int AtLeast = 0) : JobCommand;

/// <summary>A user: go to sleep at the next commit, with a snapshot.</summary>
public sealed record PauseJob : JobCommand;

/// <summary>A user: a paused job queues again.</summary>
public sealed record ResumeJob : JobCommand;

/// <summary>A user: end without a result.</summary>
/// <param name="Why">What the job's list will show, in one line: "by ada".</param>
public sealed record CancelJob(string Why) : JobCommand
{
    public string Why { get; } = Said(Why);
}

/// <summary>A report of the run of one attempt. A report of any other attempt than the job's is refused: it comes from the past.</summary>
public abstract record RunReport(int Attempt) : JobCommand;

/// <summary>The run has its workers and version 0 or a snapshot; steps begin.</summary>
public sealed record ReportRunning(int Attempt) : RunReport(Attempt);

/// <summary>The run stands still, as asked.</summary>
/// <param name="Attempt">The run's attempt.</param>
/// <param name="Steps">Steps that are committed.</param>
public sealed record ReportPaused(int Attempt, int Steps) : RunReport(Attempt);

/// <summary>The run is over, for a reason of its own or as asked.</summary>
/// <param name="Attempt">The run's attempt.</param>
/// <param name="Reason">Which of the named reasons.</param>
/// <param name="Detail">The line that a user reads: where, what, remedy. Not empty.</param>
public sealed record ReportEnded(int Attempt, EndReason Reason, string Detail) : RunReport(Attempt)
{
    public string Detail { get; } = Said(Detail);
}

/// <summary>The process that ran the attempt is gone without a word: killed, or its machine went down.</summary>
public sealed record ReportLost(int Attempt) : RunReport(Attempt);
