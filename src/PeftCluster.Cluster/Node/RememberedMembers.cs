using System.Text.Json;
using Akka.Actor;
using PeftCluster.Cluster.Persistence;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// Keeps the members' addresses in a file of the coordinator's. Killed and started again, it finds the workers that wait for it by them, instead of
/// beginning a cluster of its own beside theirs.
/// </summary>
internal sealed class RememberedMembers : ReceiveActor
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IRunFiles _files;
    private readonly string _path;

    public RememberedMembers(IRunFiles files, string folder)
    {
        (_files, _path) = (files, PathIn(folder));
        Receive<Akka.Cluster.ClusterEvent.IMemberEvent>(_ => Keep());
        Receive<Akka.Cluster.ClusterEvent.CurrentClusterState>(_ => Keep());
    }

    /// <summary>The members of the last cluster; none where nothing is known.</summary>
    public static IReadOnlyList<string> Read(IRunFiles files, string folder)
    {
        try
        {
            if (!files.Names(folder).Contains(Path.GetFileName(PathIn(folder))))
                return [];
            using var stream = files.Read(PathIn(folder));
            return JsonSerializer.Deserialize(stream, NodeJson.Default.StringArray) ?? [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            // It only helps to find others sooner.
            return [];
        }
    }

    protected override void PreStart() => _cluster.Subscribe(Self, Akka.Cluster.ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(Akka.Cluster.ClusterEvent.IMemberEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private static string PathIn(string folder) => Path.Combine(folder, "members.json");

    private void Keep()
    {
        string[] others = [.. _cluster.State.Members
            .Where(member => member.Address != _cluster.SelfAddress && !member.HasRole(NodeRoles.Client) && member.Status is Akka.Cluster.MemberStatus.Up or Akka.Cluster.MemberStatus.WeaklyUp)
            .Select(member => ClusterSystem.Of(member.Address)).Order(StringComparer.Ordinal)];
        try
        {
            _files.Write(_path, stream => JsonSerializer.Serialize(stream, others, NodeJson.Default.StringArray));
        }
        catch (IOException)
        {
            // The runs say it louder when the disk is full.
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class NodeJson : System.Text.Json.Serialization.JsonSerializerContext;
