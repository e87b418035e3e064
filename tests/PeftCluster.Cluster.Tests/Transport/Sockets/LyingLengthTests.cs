using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Transport.Sockets;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>A peer that announces more than it sends. Nothing runs beside it: what the whole process allocates is counted, and other tests have vectors of 200 MB.</summary>
[CollectionDefinition(nameof(LyingLengthTests), DisableParallelization = true)]
[Collection(nameof(LyingLengthTests))]
public sealed class LyingLengthTests
{
    private static readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_length_that_is_a_lie_costs_the_endpoint_no_memory()
    {
        await using var pair = await SocketPair.StartAsync();
        using var watch = new ProgressWatch(TestRuns.Patience, TimeProvider.System, _cancellation);
        using var liar = await new Dialer(ByteAddress.Parse(pair.Endpoint.Address), new SocketLinkOptions()).ConnectAsync(_cancellation);
        var before = GC.GetTotalAllocatedBytes();
        await liar.SendAsync(liar.Frame(FrameKind.HandOver).Add("job").Add(1).Add(3).Add(1).Add(0).Add("cpu:0").Add("layout").Add(1 << 29), watch);
        await liar.WriteAsync(new byte[1_000_000], watch);
        // What was allocated before the endpoint has taken the first bytes is long over when the connection ends.
        liar.Dispose();
        while (pair.Endpoint.Connections > 0)
            await Task.Yield();
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 200_000_000);
        Assert.Empty(pair.Endpoint.Channel.Waiting);
        foreach (var floats in new[] { -1, (1 << 29) + 1, int.MaxValue })
        {
            using var second = await new Dialer(ByteAddress.Parse(pair.Endpoint.Address), new SocketLinkOptions()).ConnectAsync(_cancellation);
            await second.SendAsync(second.Frame(FrameKind.HandOver).Add("job").Add(1).Add(3).Add(1).Add(0).Add("cpu:0").Add("layout").Add(floats), watch);
            await Assert.ThrowsAsync<InvalidDataException>(async () => await second.AnswerAsync(watch));
        }
    }
}
