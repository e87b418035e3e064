using LinqToDB;
using LinqToDB.Data;
using LinqToDB.Mapping;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// Attempts as rows of a table: the key (run, attempt) lets one process insert the next number, whoever else tries. The table says who holds a
/// run and from where each attempt went on.
/// </summary>
/// <param name="database">The job database.</param>
/// <param name="owner">Names this life of the coordinator's process.</param>
/// <param name="time">The clock.</param>
public sealed class SqlAttemptLedger(JobDatabase database, string owner, TimeProvider time) : IAttemptLedger
{
    public bool LocksFolder => false;

    public IAttemptClaim Take(string runId, int atLeast)
    {
        using var connection = database.Open();
        var attempt = Math.Max(Newest(connection, runId) + 1, atLeast);
        return TakeExactly(connection, runId, attempt);
    }

    internal IAttemptClaim TakeExactly(DataConnection connection, string runId, int attempt)
    {
        var row = new AttemptRow { Run = runId, Attempt = attempt, Owner = owner, Taken = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return database.TryInsert(connection, row, other => Newest(other, runId) >= attempt)
            ? new Claim(this, runId, attempt)
            : throw new FencedException($"another coordinator has taken attempt {attempt} of run {runId}");
    }

    private static int Newest(DataConnection connection, string runId) =>
        connection.GetTable<AttemptRow>().Where(row => row.Run == runId).Max(row => (int?)row.Attempt) ?? 0;

    private sealed class Claim(SqlAttemptLedger ledger, string runId, int attempt) : IAttemptClaim
    {
        private readonly Lock _lock = new();
        private long _confirmed = ledger.Time.GetTimestamp();

        public int Attempt => attempt;

        public void Begin(int version, string chain)
        {
            using var connection = ledger.Database.Open();
            var table = connection.GetTable<AttemptRow>();
            var changed = table
                .Where(row => row.Run == runId && row.Attempt == attempt && !table.Any(other => other.Run == runId && other.Attempt > attempt))
                .Set(row => row.Version, version).Set(row => row.Chain, chain).Update();
            if (changed != 1)
                throw Lost(Newest(connection, runId));
        }

        public void Confirm(TimeSpan age)
        {
            lock (_lock)
            {
                if (ledger.Time.GetElapsedTime(_confirmed) < age)
                    return;
                // The answer is as old as the question.
                var asked = ledger.Time.GetTimestamp();
                using var connection = ledger.Database.Open();
                if (Newest(connection, runId) is var newest && newest != attempt)
                    throw Lost(newest);
                _confirmed = asked;
            }
        }

        private FencedException Lost(int newest) =>
            new($"another coordinator has taken attempt {newest} of run {runId}; attempt {attempt} is over and commits nothing more");
    }

    private JobDatabase Database => database;

    private TimeProvider Time => time;
}

/// <summary>One attempt of one run.</summary>
[Table("attempts")]
internal sealed class AttemptRow
{
    [Column("run", Length = 26), PrimaryKey(1)]
    public string Run { get; set; } = "";

    [Column("attempt"), PrimaryKey(2)]
    public int Attempt { get; set; }

    /// <summary>The life of the coordinator that took it.</summary>
    [Column("owner", Length = 26), NotNull]
    public string Owner { get; set; } = "";

    /// <summary>Milliseconds since 1970.</summary>
    [Column("taken")]
    public long Taken { get; set; }

    /// <summary>The version that it goes on from; null until it knows.</summary>
    [Column("version")]
    public int? Version { get; set; }

    /// <summary>The journal chain's hash at that version: later bytes of older journals are void.</summary>
    [Column("chain", Length = 200), Nullable]
    public string? Chain { get; set; }
}
