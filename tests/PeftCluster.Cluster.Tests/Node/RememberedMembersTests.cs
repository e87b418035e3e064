using Akka.Actor;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Persistence;

namespace PeftCluster.Cluster.Tests.Node;

/// <summary>Whom a coordinator finds again after a restart.</summary>
public sealed class RememberedMembersTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task A_coordinator_that_is_not_a_member_yet_forgets_nobody()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "members.json"), """["10.0.0.7:4053"]""", TestContext.Current.CancellationToken);
        await using var joining = ClusterSystem.Alone(Settings(NodeRoles.Coordinator));

        var keeping = Keep(joining);
        keeping.Tell(new Akka.Cluster.ClusterEvent.CurrentClusterState());
        await keeping.Ask<ActorIdentity>(new Identify(null), TestRuns.Patience, TestContext.Current.CancellationToken);

        Assert.Equal(["10.0.0.7:4053"], RememberedMembers.Read(new DiskFiles(), _folder.Path));
    }

    [Fact]
    public async Task Workers_are_kept_from_when_they_are_members_until_they_leave()
    {
        await using var coordinator = await ClusterSystem.StartAsync(Settings(NodeRoles.Coordinator), TestContext.Current.CancellationToken);
        Keep(coordinator);
        var worker = await ClusterSystem.StartAsync(Settings(NodeRoles.Worker) with { Seeds = [coordinator.Address] }, TestContext.Current.CancellationToken);
        await using var client = await ClusterSystem.StartAsync(Settings(NodeRoles.Client) with { Seeds = [coordinator.Address] }, TestContext.Current.CancellationToken);

        await UntilAsync([worker.Address]);
        await worker.DisposeAsync();
        await UntilAsync([]);
    }

    public void Dispose() => _folder.Dispose();

    private IActorRef Keep(ClusterSystem system) => system.Actors.ActorOf(Props.Create(() => new RememberedMembers(new DiskFiles(), _folder.Path)));

    private async Task UntilAsync(string[] expected)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(TestRuns.Patience);
        while (!File.Exists(Path.Combine(_folder.Path, "members.json")) || !RememberedMembers.Read(new DiskFiles(), _folder.Path).SequenceEqual(expected))
            await Task.Delay(20, late.Token);
    }

    private static SystemSettings Settings(string role) => new()
    {
        Roles = [role],
        Files = [role],
        Own = "akka.cluster { periodic-tasks-initial-delay = 20ms, gossip-interval = 50ms, leader-actions-interval = 50ms }",
    };
}
