namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// Who may write a run. Each attempt has a number, and one process takes it; who has taken the newest holds the run. Calls wait for disk or
/// database: never from an actor's thread.
/// </summary>
public interface IAttemptLedger
{
    /// <summary>Whether the run's folder must be locked too, since the ledger alone does not keep a second process out.</summary>
    bool LocksFolder { get; }

    /// <summary>Takes the run's next attempt, by compare-and-set: of two who try at once, one succeeds.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="atLeast">The number above those that the run's files have.</param>
    /// <exception cref="FencedException">Another process was faster.</exception>
    IAttemptClaim Take(string runId, int atLeast);
}

/// <summary>A process's hold on a run. It is lost when another process takes a later attempt; nothing may be committed after that.</summary>
public interface IAttemptClaim
{
    /// <summary>The attempt's number, from 1.</summary>
    int Attempt { get; }

    /// <summary>Notes from where the attempt goes on: earlier journals are void from there.</summary>
    /// <exception cref="FencedException">The claim is lost.</exception>
    void Begin(int version, string chain);

    /// <summary>Asks whether the claim still holds, unless that was asked lately.</summary>
    /// <param name="age">How old an earlier answer may be.</param>
    /// <exception cref="FencedException">The claim is lost.</exception>
    void Confirm(TimeSpan age);
}

/// <summary>Another process holds the run now. Not the run's end: it goes on there.</summary>
public sealed class FencedException : Exception
{
    public FencedException(string message) : base(message) { }

    public FencedException(string message, Exception inner) : base(message, inner) { }

    public FencedException() { }
}

/// <summary>The embedded form: the folder's lock keeps others out, and the number is that of the next journal file.</summary>
public sealed class FolderLedger : IAttemptLedger
{
    public static FolderLedger Instance { get; } = new();

    public bool LocksFolder => true;

    public IAttemptClaim Take(string runId, int atLeast) => new Claim(atLeast);

    private sealed record Claim(int Attempt) : IAttemptClaim
    {
        public void Begin(int version, string chain)
        {
        }

        public void Confirm(TimeSpan age)
        {
        }
    }
}
