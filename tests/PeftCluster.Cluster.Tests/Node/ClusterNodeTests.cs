using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Transport;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Node;

/// <summary>Whole nodes on loopback, several in this process, with sockets between them.</summary>
public sealed class ClusterNodeTests : IDisposable
{
    private static readonly byte[] _secret = "a secret of enough bytes"u8.ToArray();
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Two_nodes_with_a_worker_each_give_the_adapter_of_one_process()
    {
        var (alone, _) = await TestRuns.RunAsync(TestRuns.Request(Path.Combine(_folder.Path, "alone"), TestRuns.Job()), workers: 2);
        await using var coordinator = await CoordinatorAsync();
        await using var first = await WorkerAsync(coordinator.Address);
        await using var second = await WorkerAsync(coordinator.Address);

        var (ended, events) = await SubmitAsync(coordinator.Address, _secret);

        Assert.Equal(EndReason.AllStepsDone, ended.End);
        Assert.Equal(alone.AdapterSha256, ended.AdapterSha256);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "result", "adapter_model.safetensors")));
        Assert.Equal(2, Assert.Single(events.OfType<RunStarted>()).Workers.Count);
    }

    [Fact]
    public async Task A_worker_without_the_secret_gets_no_work_and_is_shown_as_refused()
    {
        await using var coordinator = await CoordinatorAsync();
        var told = new TaskCompletionSource<string>();
        await using var stranger = await WorkerAsync(coordinator.Address, secret: [], tell: line => told.TrySetResult(line));

        Assert.Contains("secret", await told.Task.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var status = await ClusterQuestion.AskAsync(HostPort.Parse(coordinator.Address, "test"), Settings(NodeRoles.Client), TestContext.Current.CancellationToken);
        Assert.Contains("secret", Assert.Single(status.Workers).Refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_without_the_secret_is_refused()
    {
        await using var coordinator = await CoordinatorAsync();
        await using var worker = await WorkerAsync(coordinator.Address);

        var refused = await Assert.ThrowsAsync<BadInputException>(() => SubmitAsync(coordinator.Address, []));

        Assert.Contains("--secret-file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_coordinator_whose_jobs_cannot_be_stored_ends_and_asks_to_be_started_again()
    {
        var told = new TaskCompletionSource<string>();
        await using var coordinator = await CoordinatorAsync(line => told.TrySetResult(line));
        await using var system = await ClusterSystem.StartAsync(Settings(NodeRoles.Client) with { Seeds = [coordinator.Address] }, TestContext.Current.CancellationToken);
        var jobs = new RemoteJobs(system.Actors, new RemoteOptions());
        await jobs.FindAsync(TestContext.Current.CancellationToken);
        Persistence.TestDatabases.Drop(State, "journal");

        var submission = new RemoteSubmission(JobId.New(TimeProvider.System).ToString(), TestRuns.Job(), ArithmeticCatalog.Reference(70, TestRuns.HeldOutRows));
        var submitted = jobs.SubmitAsync(submission with { Prove = submit => SubmissionProof.Of(_secret, submit) }, TestContext.Current.CancellationToken);

        Assert.StartsWith("the job database cannot be written (", await told.Task.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await coordinator.Ended.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        Assert.True(coordinator.WasExpelled);
        Assert.False(submitted.IsCompleted);
    }

    [Fact]
    public async Task A_worker_whose_coordinator_begins_anew_with_an_empty_folder_ends_and_can_join_it()
    {
        var told = new TaskCompletionSource<string>();
        var first = await CoordinatorAsync();
        await using var worker = await WorkerAsync(first.Address, tell: line => told.TrySetResult(line), withoutCoordinator: TimeSpan.FromSeconds(1));
        await first.DisposeAsync();
        await using var second = await CoordinatorAsync(state: Path.Combine(_folder.Path, "fresh"), port: HostPort.Parse(first.Address, "test").Port);

        Assert.StartsWith($"this cluster has no coordinator any more, and {second.Address} has begun another one.", await told.Task.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await worker.Ended.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        Assert.True(worker.WasExpelled);
        await worker.DisposeAsync();
        await using var again = await WorkerAsync(second.Address);
        Assert.Single(again.Workers);
    }

    [Fact]
    public async Task Two_coordinators_never_hold_one_folder()
    {
        await using var coordinator = await CoordinatorAsync();

        var refused = await Assert.ThrowsAsync<BadInputException>(() => CoordinatorAsync());

        Assert.Equal($"{State}: another coordinator holds this folder. End it, or give this one its own with --state.", refused.Message);
    }

    [Fact]
    public async Task A_cluster_that_has_a_coordinator_takes_no_other_one_with_a_database_of_its_own()
    {
        await using var coordinator = await CoordinatorAsync();

        var refused = await Assert.ThrowsAsync<BadInputException>(() => CoordinatorAsync(state: Path.Combine(_folder.Path, "own"), join: coordinator.Address));

        Assert.StartsWith($"{coordinator.Address} leads this cluster already. Give both coordinators the same --database and --state", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string State => Path.Combine(_folder.Path, "state");

    private Task<ClusterNode> CoordinatorAsync(Action<string>? tell = null, string? state = null, string? join = null, int port = 0) => ClusterNode.StartAsync(new NodeSettings
    {
        System = Settings(NodeRoles.Coordinator) with { Seeds = join is null ? [] : [join], Port = port },
        Build = "test",
        Secret = _secret,
        Coordinator = new CoordinatorSettings { StateFolder = state ?? State, Catalog = new ArithmeticCatalog() },
        Tell = tell ?? (_ => { }),
    }, TestContext.Current.CancellationToken);

    private static Task<ClusterNode> WorkerAsync(string join, byte[]? secret = null, Action<string>? tell = null, TimeSpan? withoutCoordinator = null) => ClusterNode.StartAsync(new NodeSettings
    {
        System = Settings(NodeRoles.Worker) with { Seeds = [join] },
        Build = "test",
        Secret = secret ?? _secret,
        Devices = [new ArithmeticSourceFactory("cpu:0")],
        WithoutCoordinator = withoutCoordinator ?? TimeSpan.FromMinutes(1),
        Tell = tell ?? (_ => { }),
    }, TestContext.Current.CancellationToken);

    private async Task<(RunEnded Ended, List<RunEvent> Events)> SubmitAsync(string cluster, byte[] secret)
    {
        await using var system = await ClusterSystem.StartAsync(Settings(NodeRoles.Client) with { Seeds = [cluster] }, TestContext.Current.CancellationToken);
        await using var links = new SocketLinks(new SocketLinkOptions { Secret = secret });
        var jobs = new RemoteJobs(system.Actors, new RemoteOptions { Links = links });
        var job = TestRuns.Job() with { Resources = new ResourcesSpec { Workers = new WorkersRange(2, 2) } };
        var run = await jobs.SubmitAsync(new RemoteSubmission(JobId.New(TimeProvider.System).ToString(), job, ArithmeticCatalog.Reference(70, TestRuns.HeldOutRows))
        {
            AdapterFolder = Path.Combine(_folder.Path, "result"),
            Prove = submit => SubmissionProof.Of(secret, submit),
        }, TestContext.Current.CancellationToken);
        var events = new List<RunEvent>();
        await foreach (var happened in run.Events.WithCancellation(TestContext.Current.CancellationToken))
            events.Add(happened);
        return (await run.Ended.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken), events);
    }

    private static SystemSettings Settings(string role) => new()
    {
        Roles = [role],
        Files = [role],
        Own = "akka.cluster { periodic-tasks-initial-delay = 20ms, gossip-interval = 50ms, leader-actions-interval = 50ms }",
    };
}
