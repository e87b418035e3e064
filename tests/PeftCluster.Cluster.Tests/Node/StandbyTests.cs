using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Tests.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Node;

/// <summary>Two coordinators over one database and one folder: whole nodes on loopback, in this process.</summary>
public sealed class StandbyTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_coordinator_that_stands_by_takes_up_the_run_when_the_leading_one_goes()
    {
        var (alone, _) = await TestRuns.RunAsync(TestRuns.Request(Path.Combine(_folder.Path, "alone"), Job()), workers: 1);
        var told = new TaskCompletionSource<string>();
        var first = await CoordinatorAsync();
        await using var second = await CoordinatorAsync(line => told.TrySetResult(line));
        Assert.Equal((null, first.Address), (first.StandsBy, second.StandsBy));
        var gate = new GatedFactory("cpu:0", step: 7);
        await using var worker = await NodeAsync(NodeRoles.Worker, second.Address, gate);
        await using var system = await ClusterSystem.StartAsync(Settings(NodeRoles.Client) with { Seeds = [second.Address] }, Cancellation);
        await using var links = new SocketLinks(new SocketLinkOptions());
        var run = await new RemoteJobs(system.Actors, new RemoteOptions { Links = links }).SubmitAsync(
            new RemoteSubmission(JobId.New(TimeProvider.System).ToString(), Job(), ArithmeticCatalog.Reference(70, TestRuns.HeldOutRows)) { AdapterFolder = Path.Combine(_folder.Path, "result") }, Cancellation);
        await gate.Reached.WaitAsync(TestRuns.Patience, Cancellation);

        await first.DisposeAsync();

        Assert.Equal($"this node leads now; {first.Address} did before", await told.Task.WaitAsync(TestRuns.Patience, Cancellation));
        gate.Open();
        var ended = await run.Ended.WaitAsync(TestRuns.Patience, Cancellation);
        Assert.Equal((EndReason.AllStepsDone, alone.AdapterSha256), (ended.End, ended.AdapterSha256));
        Assert.Equal(2, run.Attempt);
        Assert.Null(second.StandsBy);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "result", "adapter_model.safetensors")));
    }

    [Fact]
    public async Task Whoever_is_asked_tells_who_leads_and_what_its_workers_do()
    {
        await using var first = await CoordinatorAsync();
        await using var second = await CoordinatorAsync();
        await using var worker = await NodeAsync(NodeRoles.Worker, first.Address, new ArithmeticSourceFactory("cpu:0"));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TestRuns.Patience);
        foreach (var asked in (ClusterNode[])[first, second, worker])
        {
            // The worker's offer may come after the first question.
            StatusTold told;
            do
                told = await ClusterQuestion.AskAsync(HostPort.Parse(asked.Address, "test"), Settings(NodeRoles.Client), patience.Token);
            while (told.Workers.Count == 0);
            Assert.Equal((first.Address, null), (told.Leads, told.Notice));
            Assert.Equal(2, told.Members.Count(member => member.Roles.Contains(NodeRoles.Coordinator)));
            Assert.Single(told.Workers);
        }
    }

    [Fact]
    public async Task A_coordinator_whose_lease_another_one_has_taken_ends_and_asks_to_be_started_again()
    {
        var told = new TaskCompletionSource<string>();
        await using var first = await CoordinatorAsync(line => told.TrySetResult(line));
        var database = JobDatabase.PostgreSql(TestDatabases.PostgreSql(State));
        var thief = new SqlCoordinatorLease(database, new LeaseSelf(TestDatabases.Run(), first.Address, await StateIdentity.OfAsync(new DiskFiles(), State, TimeProvider.System)), LeaseTimes.Usual, TimeProvider.System);

        // The holder may ask between the thief's look and its grasp.
        Assert.Contains(Enumerable.Range(0, 20), _ => thief.Ask().Standing == LeaseStanding.Held);

        Assert.StartsWith("another coordinator leads now: ", await told.Task.WaitAsync(TestRuns.Patience, Cancellation), StringComparison.Ordinal);
        await first.Ended.WaitAsync(TestRuns.Patience, Cancellation);
        Assert.True(first.WasExpelled);
    }

    [Fact]
    public async Task A_coordinator_with_a_folder_of_its_own_cannot_share_a_database()
    {
        await using var first = await CoordinatorAsync();
        var refused = await Assert.ThrowsAsync<BadInputException>(() => CoordinatorAsync(state: Path.Combine(_folder.Path, "own")));
        Assert.Contains($"its coordinators have another state folder (last: that of {first.Address})", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string State => Path.Combine(_folder.Path, "state");

    private static JobSpec Job() => TestRuns.Job() with { Resources = new ResourcesSpec { Workers = new WorkersRange(1, 1) } };

    private Task<ClusterNode> CoordinatorAsync(Action<string>? tell = null, string? state = null) => ClusterNode.StartAsync(new NodeSettings
    {
        System = Settings(NodeRoles.Coordinator),
        Build = "test",
        Coordinator = new CoordinatorSettings
        {
            StateFolder = state ?? State,
            Catalog = new ArithmeticCatalog(),
            Database = TestDatabases.PostgreSql(State),
            Lease = new LeaseTimes(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(30)),
        },
        Tell = tell ?? (_ => { }),
    }, Cancellation);

    private static Task<ClusterNode> NodeAsync(string role, string join, IStepSourceFactory device) => ClusterNode.StartAsync(
        new NodeSettings { System = Settings(role) with { Seeds = [join] }, Build = "test", Devices = [device] }, Cancellation);

    private static SystemSettings Settings(string role) => new()
    {
        Roles = [role],
        Files = [role],
        Own = "akka.cluster { periodic-tasks-initial-delay = 20ms, gossip-interval = 50ms, leader-actions-interval = 50ms }",
    };
}
