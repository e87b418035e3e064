using PeftCluster.Cluster.Persistence;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Tests.Persistence;

/// <summary>Coordinators that ask one database for one lease, each with a clock of its own that the test winds.</summary>
public sealed class SqlCoordinatorLeaseTests : IDisposable
{
    private static readonly LeaseTimes _times = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));
    private readonly TestFolder _folder = new();

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public void The_first_who_asks_leads_and_the_other_learns_where(string kind)
    {
        var (one, other) = (New(kind, "a:1"), New(kind, "b:1"));
        Assert.Equal(new LeaseAnswer(LeaseStanding.Held, "a:1"), one.Lease.Ask());
        Assert.Equal(new LeaseAnswer(LeaseStanding.Waiting, "a:1"), other.Lease.Ask());
        Assert.Equal(new LeaseAnswer(LeaseStanding.Held, "a:1"), one.Lease.Ask());
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public void A_holder_that_is_silent_for_the_expiry_has_lost_it_for_ever(string kind)
    {
        var (one, other) = (New(kind, "a:1"), New(kind, "b:1"));
        one.Lease.Ask();
        other.Lease.Ask();
        other.Clock.Advance(_times.Expiry - TimeSpan.FromMilliseconds(1));
        Assert.Equal(LeaseStanding.Waiting, other.Lease.Ask().Standing);
        other.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new LeaseAnswer(LeaseStanding.Held, "b:1"), other.Lease.Ask());
        Assert.Equal(new LeaseAnswer(LeaseStanding.Lost, "b:1"), one.Lease.Ask());
        other.Lease.Release();
        Assert.Equal(LeaseStanding.Lost, one.Lease.Ask().Standing);
    }

    [Fact]
    public void A_holder_that_asks_in_time_keeps_it_whatever_its_own_clock_says()
    {
        var (one, other) = (New("SQLite", "a:1"), New("SQLite", "b:1"));
        for (var round = 0; round < 20; round++)
        {
            Assert.Equal(LeaseStanding.Held, one.Lease.Ask().Standing);
            Assert.Equal(LeaseStanding.Waiting, other.Lease.Ask().Standing);
            one.Clock.Advance(TimeSpan.FromDays(1));
            other.Clock.Advance(_times.Expiry - TimeSpan.FromSeconds(1));
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public void A_process_started_again_at_its_address_and_whoever_comes_after_a_release_need_not_wait(string kind)
    {
        New(kind, "a:1").Lease.Ask();
        var again = New(kind, "a:1");
        Assert.Equal(LeaseStanding.Held, again.Lease.Ask().Standing);
        again.Lease.Release();
        Assert.Equal(LeaseStanding.Lost, again.Lease.Ask().Standing);
        Assert.Equal(LeaseStanding.Held, New(kind, "b:1").Lease.Ask().Standing);
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Kinds), MemberType = typeof(TestDatabases))]
    public async Task Of_many_who_begin_at_once_one_leads(string kind)
    {
        TestDatabases.Open(kind, _folder.Path);
        var leases = Enumerable.Range(0, 8).Select(number => New(kind, $"host{number}:1").Lease).ToArray();
        var answers = await Task.WhenAll(leases.Select(lease => Task.Run(lease.Ask)));
        var leading = Assert.Single(answers, answer => answer.Standing == LeaseStanding.Held);
        Assert.All(answers, answer => Assert.Equal(leading.Holder, answer.Holder));
    }

    [Fact]
    public void A_coordinator_with_another_state_folder_is_refused_in_a_line()
    {
        New("SQLite", "a:1").Lease.Ask();
        var stranger = New("SQLite", "b:1", "another folder");
        Assert.Contains("have another state folder (last: that of a:1). Give all of them the same one with --state", Assert.Throws<BadInputException>(stranger.Lease.Ask).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_folder_has_one_name_whoever_asks_first()
    {
        var names = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => StateIdentity.OfAsync(new DiskFiles(), _folder.Path, TimeProvider.System))));
        Assert.Equal(26, Assert.Single(names.Distinct()).Length);
    }

    public void Dispose() => _folder.Dispose();

    private (SqlCoordinatorLease Lease, WoundClock Clock) New(string kind, string address, string state = "folder")
    {
        var clock = new WoundClock();
        return (new SqlCoordinatorLease(TestDatabases.Open(kind, _folder.Path), new LeaseSelf(TestDatabases.Run(), address, state), _times, clock), clock);
    }

    /// <summary>A clock that stands until it is wound.</summary>
    private sealed class WoundClock : TimeProvider
    {
        private long _ticks = 1_000_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
