using PeftCluster.Cluster.Persistence;

namespace PeftCluster.Cluster.Tests.Persistence;

/// <summary>Two coordinators over one database, in one file and, where a server is there, in PostgreSQL.</summary>
public sealed class SqlAttemptLedgerTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public void Each_attempt_is_one_above_the_last_and_takes_the_run_from_whoever_had_it(string kind)
    {
        var (one, other) = Two(kind);
        var run = TestDatabases.Run();
        var first = one.Take(run, 1);
        first.Confirm(TimeSpan.Zero);
        var second = other.Take(run, 1);
        Assert.Equal((1, 2), (first.Attempt, second.Attempt));
        second.Confirm(TimeSpan.Zero);
        Assert.Equal($"another coordinator has taken attempt 2 of run {run}; attempt 1 is over and commits nothing more", Assert.Throws<FencedException>(() => first.Confirm(TimeSpan.Zero)).Message);
        Assert.Throws<FencedException>(() => first.Begin(5, "chain"));
        second.Begin(5, "chain");
        Assert.Equal(1, one.Take(TestDatabases.Run(), 1).Attempt);
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public void Of_two_who_take_the_same_attempt_one_succeeds(string kind)
    {
        var database = TestDatabases.Open(kind, _folder.Path);
        var (one, other) = Two(kind);
        var run = TestDatabases.Run();
        using var connection = database.Open();
        one.TakeExactly(connection, run, 4);
        Assert.Equal($"another coordinator has taken attempt 4 of run {run}", Assert.Throws<FencedException>(() => other.TakeExactly(connection, run, 4)).Message);
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public async Task Of_many_at_once_each_gets_a_number_of_its_own_or_is_fenced(string kind)
    {
        var run = TestDatabases.Run();
        var database = TestDatabases.Open(kind, _folder.Path);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
        {
            try
            {
                return new SqlAttemptLedger(database, $"owner {i}", TimeProvider.System).Take(run, 1).Attempt;
            }
            catch (FencedException)
            {
                return 0;
            }
        })));
        var numbers = taken.Where(number => number > 0).Order().ToArray();
        Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
        Assert.NotEmpty(numbers);
    }

    [Fact]
    public void Numbers_of_the_runs_files_are_never_taken_again() =>
        Assert.Equal(7, Two("SQLite").One.Take(TestDatabases.Run(), 7).Attempt);

    [Fact]
    public void An_answer_that_is_young_enough_is_not_asked_for_again()
    {
        var (one, other) = Two("SQLite");
        var run = TestDatabases.Run();
        var first = one.Take(run, 1);
        other.Take(run, 1);
        first.Confirm(TimeSpan.FromHours(1));
        Assert.Throws<FencedException>(() => first.Confirm(TimeSpan.Zero));
    }

    [Fact]
    public void A_run_that_another_coordinator_has_taken_commits_nothing_more()
    {
        var (one, other) = Two("SQLite");
        var request = TestRuns.Request(Path.Combine(_folder.Path, "run"), resume: true);
        using var first = RunStore.Open(new DiskFiles(), request, 1, TimeProvider.System, one);
        first.Begin(0, "chain");
        using var second = RunStore.Open(new DiskFiles(), request, 2, TimeProvider.System, other);
        Assert.Equal((1, 2), (first.Attempt, second.Attempt));
        second.Begin(0, "chain");
        first.PrepareExport();
        Assert.Throws<FencedException>(() => first.PublishExport());
        Assert.Throws<FencedException>(() => first.Begin(1, "later"));
        Assert.DoesNotContain("later", File.ReadAllText(Path.Combine(request.Folder, RunStore.ManifestName)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_cannot_be_opened_is_named()
    {
        var nowhere = JobDatabase.InFolder(Path.Combine(_folder.Path, "missing"));
        Assert.StartsWith($"{nowhere.Name}: the job database cannot be opened (", Assert.Throws<Jobs.BadInputException>(nowhere.Prepare).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", Assert.Throws<Jobs.BadInputException>(JobDatabase.PostgreSql("Host=127.0.0.1;Port=1;Username=a;Password=s3cret;Timeout=1").Prepare).Message, StringComparison.Ordinal);
        Assert.Throws<Jobs.BadInputException>(() => JobDatabase.PostgreSql("no connection string"));
    }

    public void Dispose() => _folder.Dispose();

    private (SqlAttemptLedger One, SqlAttemptLedger Other) Two(string kind)
    {
        var database = TestDatabases.Open(kind, _folder.Path);
        return (new SqlAttemptLedger(database, "one", TimeProvider.System), new SqlAttemptLedger(database, "other", TimeProvider.System));
    }
}
