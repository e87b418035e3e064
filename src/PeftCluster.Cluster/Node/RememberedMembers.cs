using System.Text.Json;
using Akka.Actor;
using PeftCluster.Cluster.Persistence;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// Keeps the members' addresses in a file of the coordinator's. Killed and started again, it finds the workers that wait for it by them, instead of
/// beginning a cluster of its own beside theirs. Until it is a member itself it writes nothing: it knows of nobody then, and killed once more it would have forgotten all.
/// </summary>
internal sealed class RememberedMembers : ReceiveActor
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly Dictionary<Address, Akka.Cluster.Member> _members = [];
    private readonly IRunFiles _files;
    private readonly string _path;

    public RememberedMembers(IRunFiles files, string folder)
    {
        (_files, _path) = (files, PathIn(folder));
        Receive<Akka.Cluster.ClusterEvent.IMemberEvent>(changed => Keep([changed.Member]));
        Receive<Akka.Cluster.ClusterEvent.CurrentClusterState>(state => Keep(state.Members));
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

    private static bool IsFull(Akka.Cluster.Member member) => member.Status is Akka.Cluster.MemberStatus.Up or Akka.Cluster.MemberStatus.WeaklyUp;

    private static string PathIn(string folder) => Path.Combine(folder, "members.json");

    private void Keep(IEnumerable<Akka.Cluster.Member> changed)
    {
        foreach (var member in changed)
            _members[member.Address] = member;
        if (!_members.TryGetValue(_cluster.SelfAddress, out var self) || !IsFull(self))
            return;
        string[] others = [.. _members.Values
            .Where(member => member.Address != _cluster.SelfAddress && !member.HasRole(NodeRoles.Client) && IsFull(member))
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
