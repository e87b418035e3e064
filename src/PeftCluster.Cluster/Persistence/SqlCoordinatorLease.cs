using LinqToDB;
using LinqToDB.Data;
using LinqToDB.Mapping;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// The lease as one row of the job database, changed by compare-and-set only. Its holder counts a beat up at each asking. No clocks are compared:
/// a coordinator that has seen the same beat for <see cref="LeaseTimes.Expiry"/> by its own clock takes the row.
/// </summary>
/// <param name="database">The job database.</param>
/// <param name="self">Who asks.</param>
/// <param name="times">When a silent holder has lost it.</param>
/// <param name="time">The clock.</param>
public sealed class SqlCoordinatorLease(JobDatabase database, LeaseSelf self, LeaseTimes times, TimeProvider time) : ICoordinatorLease
{
    private const string Name = "coordinator";

    private readonly Lock _lock = new();
    private (string Owner, long Beat) _seen;
    private long _since;
    private bool _wasHeld, _isReleased;

    public bool IsShared => true;

    public LeaseAnswer Ask()
    {
        // A question that is still under way when the lease is given back must not take it again.
        lock (_lock)
            return _isReleased ? new LeaseAnswer(LeaseStanding.Lost, "") : AskDatabase();
    }

    public void Release()
    {
        lock (_lock)
        {
            _isReleased = true;
            if (!_wasHeld)
                return;
            using var connection = database.Open();
            connection.GetTable<LeaseRow>().Where(row => row.Name == Name && row.Owner == self.Life).Set(row => row.Owner, "").Update();
        }
    }

    private LeaseAnswer AskDatabase()
    {
        using var connection = database.Open();
        // The answer is as old as the question.
        var asked = time.GetTimestamp();
        if (Read(connection) is not { } row)
        {
            var mine = new LeaseRow { Name = Name, Owner = self.Life, Address = self.Address, State = self.State, Beat = 1 };
            return database.TryInsert(connection, mine, other => Read(other) is not null) ? Held() : Answer(Read(connection));
        }
        if (row.State != self.State)
            throw new BadInputException($"{database.Name}: its coordinators have another state folder (last: that of {row.Address}). Give all of them the same one with --state, on a disk that all see; or choose another database.");
        if (_wasHeld && row.Owner != self.Life)
            return new LeaseAnswer(LeaseStanding.Lost, row.Address);
        return IsMine(row, asked) && TrySet(connection, row, self) ? Held() : Answer(row);
    }

    /// <summary>Whether the row is to be taken or kept: held, given back, left by an earlier process at this address, or silent for too long.</summary>
    private bool IsMine(LeaseRow row, long asked)
    {
        if (row.Owner == self.Life || row.Owner.Length == 0 || row.Address == self.Address)
            return true;
        if (_seen != (row.Owner, row.Beat))
            (_seen, _since) = ((row.Owner, row.Beat), asked);
        return time.GetElapsedTime(_since, asked) >= times.Expiry;
    }

    private LeaseAnswer Held()
    {
        _wasHeld = true;
        return new LeaseAnswer(LeaseStanding.Held, self.Address);
    }

    private LeaseAnswer Answer(LeaseRow? row) => new(_wasHeld ? LeaseStanding.Lost : LeaseStanding.Waiting, row?.Address ?? "");

    private static LeaseRow? Read(DataConnection connection) => connection.GetTable<LeaseRow>().FirstOrDefault(row => row.Name == Name);

    private static bool TrySet(DataConnection connection, LeaseRow was, LeaseSelf self) => connection.GetTable<LeaseRow>()
        .Where(row => row.Name == Name && row.Owner == was.Owner && row.Beat == was.Beat)
        .Set(row => row.Owner, self.Life).Set(row => row.Address, self.Address).Set(row => row.Beat, was.Beat + 1).Update() == 1;
}

/// <summary>Who asks for a lease.</summary>
/// <param name="Life">Names this life of the coordinator's process; up to 26 letters.</param>
/// <param name="Address">
/// Host and port where it listens. Two processes never listen at one place, so what an earlier life left there is free.
/// </param>
/// <param name="State">Names the state folder (<see cref="StateIdentity"/>).</param>
public sealed record LeaseSelf(string Life, string Address, string State);

/// <summary>The one row.</summary>
[Table("leases")]
internal sealed class LeaseRow
{
    [Column("name", Length = 26), PrimaryKey]
    public string Name { get; set; } = "";

    /// <summary>The life of the process that holds it; empty: it was given back.</summary>
    [Column("owner", Length = 26), NotNull]
    public string Owner { get; set; } = "";

    [Column("address", Length = 300), NotNull]
    public string Address { get; set; } = "";

    /// <summary>The state folder whose jobs the database holds.</summary>
    [Column("state", Length = 26), NotNull]
    public string State { get; set; } = "";

    /// <summary>One more each time the holder gives a sign.</summary>
    [Column("beat")]
    public long Beat { get; set; }
}
