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

    [Theory]
    [InlineData(FaultPoint.WhileSending, FaultAction.Truncate)]
    [InlineData(FaultPoint.WhileSending, FaultAction.BadChecksum)]
    [InlineData(FaultPoint.BeforeSend, FaultAction.Duplicate)]
    [InlineData(FaultPoint.BeforeSend, FaultAction.Delay)]
    public async Task A_vector_that_is_disturbed_once_arrives_as_it_was_sent(string point, FaultAction action)
    {
        var (taken, into) = await HandOverAsync(new Fault(point, action));
        Assert.True(taken);
        Assert.Equal(_vector, into);
    }

    [Fact]
    public async Task A_vector_that_is_dropped_is_not_there() =>
        Assert.False((await HandOverAsync(new Fault(FaultPoint.BeforeSend, FaultAction.Drop))).Taken);

    [Fact]
    public async Task A_vector_of_the_wrong_length_is_refused_when_it_is_taken() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => HandOverAsync(new Fault(FaultPoint.BeforeSend, FaultAction.WrongLength)));

    private static async Task<(bool Taken, float[] Into)> HandOverAsync(Fault fault)
    {
        using var folder = new TestFolder();
        var log = Path.Combine(folder.Path, "fired");
        var planted = new PlannedFaults(new FaultPlan(7, log, [fault]), TimeProvider.System);
        await using var pair = await SocketPair.StartAsync();
        await using var links = new SocketLinks(new SocketLinkOptions { Faults = planted });
        await new FaultyLinks(links, planted, TimeProvider.System).To(pair.Endpoint.Address).Vectors.HandOverAsync(_address, Layout, _vector, _cancellation);
        Assert.StartsWith(fault.ToString(), File.ReadAllText(log));
        var into = new float[_vector.Length];
        return (await pair.Endpoint.Vectors.TakeAsync(_address, Layout, into, _cancellation), into);
    }
}
