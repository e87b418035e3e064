namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// Which of several coordinators leads. Asked again and again: who holds the lease keeps it by asking, and who does not learns who does. Calls
/// wait for the database: never from an actor's thread.
/// </summary>
/// <remarks>A lease says who should write. That nobody else can is the attempts' matter (<see cref="IAttemptLedger"/>).</remarks>
public interface ICoordinatorLease
{
    /// <summary>Whether another process may hold it: then a coordinator finds the leading one by it.</summary>
    bool IsShared { get; }

    /// <summary>Takes the lease, keeps it, or says who has it.</summary>
    /// <exception cref="Jobs.BadInputException">Its other coordinators have another state folder.</exception>
    LeaseAnswer Ask();

    /// <summary>Gives it back, so that the next one need not wait until it has expired; it is never taken again by this process. Nothing where it is not held.</summary>
    void Release();
}

/// <summary>Where a coordinator stands.</summary>
public enum LeaseStanding
{
    /// <summary>It leads.</summary>
    Held,

    /// <summary>Another one leads, or did until just now.</summary>
    Waiting,

    /// <summary>It led, and another one has taken the lease since. It never leads again; its process must end.</summary>
    Lost,
}

/// <summary>An answer about the lease.</summary>
/// <param name="Standing">Where the asking coordinator stands.</param>
/// <param name="Holder">The leading coordinator's address, host and port.</param>
public sealed record LeaseAnswer(LeaseStanding Standing, string Holder);

/// <summary>How fast a lease is.</summary>
/// <param name="Round">So often it is asked for.</param>
/// <param name="Expiry">
/// A holder that has given no sign for so long, by the asking coordinator's own clock, has lost it. Shorter than what the cluster takes to put a silent
/// node out (failure detector and stable-after), since the side with the holder lives.
/// </param>
public sealed record LeaseTimes(TimeSpan Round, TimeSpan Expiry)
{
    /// <summary>Asked for every 2 s, lost after 10 s.</summary>
    public static LeaseTimes Usual { get; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));
}

/// <summary>The lease of a coordinator whose database no other host can open: its folder's lock has decided already.</summary>
/// <param name="address">Its own address.</param>
public sealed class SoleLease(string address) : ICoordinatorLease
{
    public bool IsShared => false;

    public LeaseAnswer Ask() => new(LeaseStanding.Held, address);

    public void Release()
    {
    }
}
