namespace PeftCluster.Jobs.Lifecycle;

/// <summary>What became of a job: stored before anyone is told, and enough to build the job again.</summary>
/// <param name="At">When it was decided.</param>
public abstract record JobEvent(DateTimeOffset At);

/// <summary>The job exists and waits. Always the first event, and only that.</summary>
public sealed record JobSubmitted(JobId Id, DateTimeOffset At) : JobEvent(At);

/// <summary>An attempt took its places: the first is 1.</summary>
public sealed record AttemptStarted(int Attempt, DateTimeOffset At) : JobEvent(At);

/// <summary>Steps are being computed.</summary>
public sealed record JobRunning(DateTimeOffset At) : JobEvent(At);

/// <summary>A user wants the job to stand still; it will at a commit.</summary>
public sealed record PauseRequested(DateTimeOffset At) : JobEvent(At);

/// <summary>The job stands still and holds no worker.</summary>
/// <param name="Why">As asked, or because its process is gone.</param>
/// <param name="At">When it was decided.</param>
public sealed record JobPaused(string Why, DateTimeOffset At) : JobEvent(At);

/// <summary>A paused job waits for places again.</summary>
public sealed record JobRequeued(DateTimeOffset At) : JobEvent(At);

/// <summary>A user wants the job to end; its run is being told.</summary>
public sealed record CancelRequested(string Why, DateTimeOffset At) : JobEvent(At);

/// <summary>The end. Nothing follows.</summary>
/// <param name="Reason">Which of the named reasons; it decides the phase.</param>
/// <param name="Detail">The line that a user reads.</param>
/// <param name="At">When it was decided.</param>
public sealed record JobEnded(EndReason Reason, string Detail, DateTimeOffset At) : JobEvent(At);
