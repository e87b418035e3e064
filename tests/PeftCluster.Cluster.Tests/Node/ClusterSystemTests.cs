using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Tests.Node;

/// <summary>Real systems on loopback, several in this process.</summary>
public sealed class ClusterSystemTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_second_node_joins_the_first_and_both_tell_the_same_members()
    {
        await using var first = await StartAsync(NodeRoles.Coordinator);
        first.Actors.ActorOf(Props.Create<StatusActor>(), "status");
        first.Actors.ActorOf(Props.Create(() => new JobsWithAWorker()), "jobs");
        first.Actors.ActorOf(Props.Create(() => new LeaseOf(first.Address, true)), "lease");
        await using var second = await StartAsync(NodeRoles.Worker, first.Address);
        second.Actors.ActorOf(Props.Create<StatusActor>(), "status");

        var told = await ClusterQuestion.AskAsync(HostPort.Parse(second.Address, "test"), Settings(NodeRoles.Client), TestContext.Current.CancellationToken);

        Assert.Null(told.Notice);
        Assert.Equal(first.Address, told.From);
        Assert.Equal(new[] { first.Address, second.Address }.Order(), told.Members.Select(member => member.Address).Order());
        Assert.All(told.Members, member => Assert.True(member.Reachable && member.Status == "up"));
        Assert.Equal(["b/cpu:0"], told.Workers.Select(worker => worker.Device));
    }

    [Fact]
    public async Task A_node_that_may_begin_a_cluster_waits_for_one_whose_node_listens_and_says_no_at_first()
    {
        await using var other = ClusterSystem.Alone(Settings(NodeRoles.Worker));
        var starting = ClusterSystem.StartAsync(Settings(NodeRoles.Coordinator), TestContext.Current.CancellationToken, _ => Task.FromResult(new JoinPlan([other.Address], BeginsAlone: true)));
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Akka.Cluster.Cluster.Get(other.Actors).Join(Akka.Cluster.Cluster.Get(other.Actors).SelfAddress);

        await using var node = await starting;

        Assert.Equal(2, Akka.Cluster.Cluster.Get(node.Actors).State.Members.Count);
    }

    [Fact]
    public async Task Of_the_remembered_members_those_are_asked_that_listen()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var there = listener.LocalEndpoint.ToString()!;

        Assert.Equal([there], await Listening.AmongAsync(["127.0.0.1:9", "no/place", there], TimeSpan.FromSeconds(5)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_side_of_a_cluster_lives_where_it_reaches_the_leading_coordinator(bool leads)
    {
        await using var coordinator = await StartAsync(NodeRoles.Coordinator);
        coordinator.Actors.ActorOf(Props.Create(() => new LeaseOf(coordinator.Address, leads)), "lease");
        await using var worker = await StartAsync(NodeRoles.Worker, coordinator.Address);
        foreach (var asked in (ClusterSystem[])[coordinator, worker])
        {
            var lease = Akka.Coordination.LeaseProvider.Get(asked.Actors).GetLease("test", "peft.downing-lease", asked.Address);
            Assert.IsType<DowningLease>(lease);
            Assert.Equal(leads, await lease.Acquire());
            Assert.False(lease.CheckLease());
        }
    }

    [Fact]
    public async Task A_taken_port_is_one_line_with_the_remedy()
    {
        await using var first = await StartAsync(NodeRoles.Coordinator);
        var port = HostPort.Parse(first.Address, "test").Port;

        var refused = await Assert.ThrowsAsync<BadInputException>(() => ClusterSystem.StartAsync(Settings(NodeRoles.Coordinator) with { Port = port }, None));

        Assert.Equal($"127.0.0.1:{port}: the port is taken by another process. Choose another one with --listen, or end that process.", refused.Message);
    }

    [Fact]
    public async Task A_node_that_nobody_lets_in_says_whom_it_asked()
    {
        var settings = Settings(NodeRoles.Worker) with { Seeds = ["127.0.0.1:9"], Patience = TimeSpan.FromMilliseconds(500) };

        var refused = await Assert.ThrowsAsync<BadInputException>(() => ClusterSystem.StartAsync(settings, None));

        Assert.StartsWith("no cluster lets this node in at 127.0.0.1:9 within", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_put_out_before_it_is_a_full_member_knows_it()
    {
        // Nobody becomes a full member here.
        var waiting = Settings(NodeRoles.Coordinator) with { Own = $"{Settings(NodeRoles.Coordinator).Own}\nakka.cluster.min-nr-of-members = 3" };
        await using var first = ClusterSystem.Alone(waiting);
        var cluster = Akka.Cluster.Cluster.Get(first.Actors);
        cluster.Join(cluster.SelfAddress);
        var joining = ClusterSystem.StartAsync(Settings(NodeRoles.Worker) with { Seeds = [first.Address] }, TestContext.Current.CancellationToken);
        Akka.Cluster.Member? second;
        while ((second = cluster.State.Members.FirstOrDefault(member => member.HasRole(NodeRoles.Worker))) is null)
            await Task.Delay(20, TestContext.Current.CancellationToken);

        cluster.Down(second.Address);

        await Assert.ThrowsAsync<ExpelledException>(() => joining.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_question_to_a_place_without_a_node_ends_with_a_line()
    {
        await using var alone = ClusterSystem.Alone(Settings(NodeRoles.Client));

        var refused = await Assert.ThrowsAsync<BadInputException>(() =>
            ClusterQuestion.AskAsync(alone, new HostPort("127.0.0.1", 9), TestContext.Current.CancellationToken, TimeSpan.FromMilliseconds(500)));

        Assert.Contains("peft node --listen 127.0.0.1:9", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_user_writes_lies_over_the_built_in_files_and_bad_hocon_is_one_line()
    {
        var settings = Settings(NodeRoles.Worker) with { Own = "akka.cluster.failure-detector.acceptable-heartbeat-pause = 9s" };
        var config = NodeConfiguration.Of(settings);
        Assert.Equal(TimeSpan.FromSeconds(9), config.GetTimeSpan("akka.cluster.failure-detector.acceptable-heartbeat-pause"));
        Assert.Equal("coordinator", config.GetString("akka.cluster.split-brain-resolver.lease-majority.role"));
        Assert.StartsWith("--config: not HOCON", Assert.Throws<BadInputException>(() => NodeConfiguration.Of(settings with { Own = "akka { cluster { min-nr-of-members = 1 }, actor = 2 }" })).Message, StringComparison.Ordinal);
    }

    private static SystemSettings Settings(string role) => new()
    {
        Roles = [role],
        Files = [role],
        Own = "akka.cluster { periodic-tasks-initial-delay = 20ms, gossip-interval = 50ms, leader-actions-interval = 50ms }",
    };

    private static Task<ClusterSystem> StartAsync(string role, params string[] seeds) =>
        ClusterSystem.StartAsync(Settings(role) with { Seeds = seeds }, TestContext.Current.CancellationToken);

    private sealed class JobsWithAWorker : ReceiveActor
    {
        public JobsWithAWorker() => Receive<JobsProtocol.AskWorkers>(_ => Sender.Tell(new JobsProtocol.WorkersTold(
            [new WorkerStatus("b/cpu:0", "x86", NodeFacts.Own, null, null, null)])));
    }

    private sealed class LeaseOf : ReceiveActor
    {
        public LeaseOf(string address, bool leads) => Receive<AskLease>(_ => Sender.Tell(new LeaseTold(leads, address)));
    }
}
