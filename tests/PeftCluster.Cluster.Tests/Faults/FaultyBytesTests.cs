using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Tests.Transport.Sockets;
using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Faults;

public sealed class FaultyBytesTests
{
    private const string Layout = "layout";
    private static readonly VectorAddress _address = new("job", 1, 3, new TreeNode(1, 0), "cpu:0");
    private static readonly float[] _vector = [.. Enumerable.Range(1, 1_000).Select(number => number / 7f)];
    private static readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public static TheoryData<string, FaultAction> Ways { get; } =
    [
        .. from way in (string[])[SocketPair.Tcp, SocketPair.Shared]
           from action in (FaultAction[])[FaultAction.Truncate, FaultAction.BadChecksum, FaultAction.Delay]
           select (way, action),
    ];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_vector_that_is_disturbed_in_its_midst_arrives_as_it_was_sent(string way, FaultAction action)
    {
        var (taken, into) = await HandOverAsync(new Fault(FaultPoint.WhileSending, action, Of: Of(way)), way);
        Assert.True(taken);
        Assert.Equal(_vector, into);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_version_that_is_disturbed_in_its_midst_is_fetched_as_it_was_published(string way, FaultAction action)
    {
        using var planted = new Planted(new Fault(FaultPoint.WhileGiving, action, Of: Of(way)));
        await using var pair = await SocketPair.StartAsync(way, endpoint: options => options with { Faults = planted.Faults });
        pair.Endpoint.Vectors.PublishInPlace(_address.Job, _address.Attempt, version: 3, Layout, _vector);

        var into = new float[_vector.Length];
        Assert.True(await pair.Link.Vectors.FetchAsync(_address.Job, _address.Attempt, version: 3, Layout, into, _cancellation));
        Assert.Equal(_vector, into);
        planted.HasStruck();
    }

    [Theory]
    [InlineData(FaultAction.Duplicate)]
    [InlineData(FaultAction.Delay)]
    public async Task A_vector_that_is_sent_twice_or_late_arrives_as_it_was_sent(FaultAction action)
    {
        var (taken, into) = await HandOverAsync(new Fault(FaultPoint.BeforeSend, action));
        Assert.True(taken);
        Assert.Equal(_vector, into);
    }

    [Fact]
    public async Task A_vector_that_is_dropped_is_not_there() =>
        Assert.False((await HandOverAsync(new Fault(FaultPoint.BeforeSend, FaultAction.Drop))).Taken);

    [Fact]
    public async Task A_vector_of_the_wrong_length_is_refused_when_it_is_taken() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => HandOverAsync(new Fault(FaultPoint.BeforeSend, FaultAction.WrongLength)));

    private static string Of(string way) => way == SocketPair.Shared ? FaultPoint.SharedMemory : FaultPoint.Socket;

    private static async Task<(bool Taken, float[] Into)> HandOverAsync(Fault fault, string way = SocketPair.Tcp)
    {
        using var planted = new Planted(fault);
        await using var pair = await SocketPair.StartAsync(way, links: options => options with { Faults = planted.Faults });
        await new FaultyLinks(pair.Links, planted.Faults, TimeProvider.System).To(pair.Endpoint.Address).Vectors.HandOverAsync(_address, Layout, _vector, null, _cancellation);
        planted.HasStruck();
        var into = new float[_vector.Length];
        return (await pair.Endpoint.Vectors.TakeAsync(_address, Layout, into, _cancellation), into);
    }

    private sealed class Planted : IDisposable
    {
        private readonly TestFolder _folder = new();
        private readonly Fault _fault;
        private readonly string _log;

        public Planted(Fault fault)
        {
            (_fault, _log) = (fault, Path.Combine(_folder.Path, "fired"));
            Faults = new PlannedFaults(new FaultPlan(7, _log, [fault]), TimeProvider.System);
        }

        public PlannedFaults Faults { get; }

        public void HasStruck() => Assert.StartsWith(_fault.ToString(), File.ReadAllText(_log));

        public void Dispose() => _folder.Dispose();
    }
}
