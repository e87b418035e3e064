using System.Net;
using System.Net.Sockets;
using PeftCluster.Cluster.Transport.Sockets;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>What both ends set on a connection.</summary>
public sealed class SocketTuningTests
{
    [Theory]
    [InlineData(15u, 1 << 19)]
    [InlineData(100u, 1 << 19)]
    [InlineData(101u, null)]
    [InlineData(40_000u, null)]
    [InlineData(null, null)]
    public void A_short_line_gets_a_short_queue_and_a_long_or_unknown_one_what_the_kernel_gives(uint? roundTrip, int? queue) =>
        Assert.Equal(queue, SocketTuning.QueueBytes(roundTrip));

    [Fact]
    public async Task The_kernel_has_seen_one_round_trip_of_a_new_connection()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TCP_INFO is Linux's");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var accepting = listener.AcceptAsync(TestContext.Current.CancellationToken);
        await near.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        using var far = await accepting;

        Assert.All([near, far], socket => Assert.InRange(SocketTuning.RoundTripMicroseconds(socket) ?? 0, 1u, 60_000_000u));
    }
}
