using System.Net;
using System.Net.Sockets;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Transport.Sockets;
using PeftCluster.Jobs;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>Endpoints and links that come, go and come again.</summary>
public sealed class EndpointTests
{
    private const string Layout = "layout";
    private static readonly VectorAddress _address = new("job", 1, 3, new TreeNode(1, 0), "cpu:0");
    private static readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory, InlineData(SocketPair.Tcp), InlineData(SocketPair.Unix), InlineData(SocketPair.Shared)]
    public async Task The_end_of_a_presence_tells_of_the_lost_device_once(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind);
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Endpoint.DeviceLost += device => lost.SetResult(device);
        var presence = pair.Links.Announce(pair.Endpoint.Address, "10.0.0.7:1/cpu:0");
        await UntilAsync(() => pair.Endpoint.Devices.Contains("10.0.0.7:1/cpu:0"));
        presence.Dispose();
        Assert.Equal("10.0.0.7:1/cpu:0", await lost.Task.WaitAsync(TestRuns.Patience, _cancellation));
    }

    [Fact]
    public async Task A_device_that_connects_again_is_not_lost_with_its_old_connection()
    {
        await using var pair = await SocketPair.StartAsync();
        var lost = 0;
        pair.Endpoint.DeviceLost += _ => Interlocked.Increment(ref lost);
        using var old = pair.Links.Announce(pair.Endpoint.Address, "cpu:0");
        await UntilAsync(() => pair.Endpoint.Connections == 1 && pair.Endpoint.Devices.Count == 1);
        var before = pair.Endpoint.LineOf("cpu:0");
        await using var again = new SocketLinks(new SocketLinkOptions());
        using var presence = again.Announce(pair.Endpoint.Address, "cpu:0");
        await UntilAsync(() => pair.Endpoint.LineOf("cpu:0") != before);
        old.Dispose();
        await UntilAsync(() => pair.Endpoint.Connections == 1);
        Assert.Equal(0, lost);
        Assert.Equal(["cpu:0"], pair.Endpoint.Devices);
    }

    [Fact]
    public async Task An_endpoint_that_comes_back_at_its_address_is_found_by_presences_and_transfers()
    {
        await using var pair = await SocketPair.StartAsync();
        using var presence = pair.Links.Announce(pair.Endpoint.Address, "cpu:0");
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        await pair.Endpoint.DisposeAsync();
        var handing = pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        await using var back = await ByteEndpoint.ListenAsync(
            new ByteEndpointOptions { Content = new ContentFolder(pair.Folder), Port = IPEndPoint.Parse(pair.Endpoint.Address).Port }, _cancellation);
        await handing;
        Assert.Equal([_address], back.Channel.Waiting);
        await UntilAsync(() => back.Devices.Contains("cpu:0"));
    }

    [Fact]
    public async Task An_endpoint_that_is_gone_fails_a_transfer_when_patience_ends()
    {
        await using var pair = await SocketPair.StartAsync(links: links => links with { Patience = TimeSpan.FromMilliseconds(200) });
        await pair.Endpoint.DisposeAsync();
        var failed = await Assert.ThrowsAnyAsync<IOException>(() => pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation));
        Assert.StartsWith(pair.Endpoint.Address + ": ", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_stands_still_fails_a_transfer_at_its_deadline()
    {
        using var frozen = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        frozen.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        frozen.Listen();
        await using var links = new SocketLinks(new SocketLinkOptions { Patience = TimeSpan.Zero, ConnectTimeout = TimeSpan.FromMilliseconds(50) });
        var failed = await Assert.ThrowsAnyAsync<IOException>(
            () => links.To(frozen.LocalEndPoint!.ToString()!).Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation));
        // Connected or not when the deadline came: both happen.
        Assert.Matches("(nothing moved for 0.1 s|nobody answers)$", failed.Message);
    }

    [Fact]
    public async Task A_cancelled_transfer_ends_leaves_nothing_and_the_next_one_works()
    {
        await using var pair = await SocketPair.StartAsync();
        using var giveUp = new CancellationTokenSource();
        // Far more than the buffers of a socket hold, so the transfer cannot be over when it is cancelled.
        var handing = pair.Link.Vectors.HandOverAsync(_address, Layout, new float[50_000_000], giveUp.Token);
        await UntilAsync(() => pair.Endpoint.Connections == 1);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handing);
        await UntilAsync(() => pair.Endpoint.Connections == 0);
        Assert.Empty(pair.Endpoint.Channel.Waiting);
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        Assert.Equal([_address], pair.Endpoint.Channel.Waiting);
    }

    [Fact]
    public async Task A_closed_endpoint_waits_for_no_idle_connection_and_loses_no_device()
    {
        await using var pair = await SocketPair.StartAsync(SocketPair.Unix);
        pair.Endpoint.DeviceLost += device => Assert.Fail($"{device} is lost");
        using var presence = pair.Links.Announce(pair.Endpoint.Address, "cpu:0");
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        await UntilAsync(() => pair.Endpoint.Devices.Count == 1);
        await pair.Endpoint.DisposeAsync();
        Assert.Equal(0, pair.Endpoint.Connections);
        Assert.Empty(Directory.EnumerateFiles(pair.Folder, "*.sock"));
    }

    [Fact]
    public async Task A_taken_port_is_one_line_with_a_remedy()
    {
        await using var pair = await SocketPair.StartAsync();
        var port = IPEndPoint.Parse(pair.Endpoint.Address).Port;
        var refused = await Assert.ThrowsAsync<BadInputException>(
            () => ByteEndpoint.ListenAsync(new ByteEndpointOptions { Content = new ContentFolder(pair.Folder), Port = port }, _cancellation));
        Assert.Equal($"127.0.0.1:{port}: this port is taken or not allowed. Give another one, or 0 for any that is free", refused.Message);
        var nowhere = await Assert.ThrowsAsync<BadInputException>(
            () => ByteEndpoint.ListenAsync(new ByteEndpointOptions { Content = new ContentFolder(pair.Folder), Host = "192.0.2.1" }, _cancellation));
        Assert.StartsWith("192.0.2.1:0: nothing can listen there", nowhere.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Unix_socket_is_its_owners_alone_and_what_a_killed_process_left_is_removed()
    {
        using var folder = new TestFolder();
        // No process has this number: it is above what Linux and macOS give.
        var stale = Path.Combine(folder.Path, "peft-99999999-1.sock");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(stale + "x"));
            // Under its own name it would go with the socket.
            File.Move(stale + "x", stale);
        }
        await using var endpoint = await ByteEndpoint.ListenAsync(
            new ByteEndpointOptions { Content = new ContentFolder(folder.Path), UnixSocketFolder = folder.Path }, _cancellation);
        var left = Assert.Single(Directory.EnumerateFiles(folder.Path, "*.sock"));
        Assert.Equal(ByteAddress.Parse(endpoint.Address).UnixPath, left);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(left));
    }

    [Theory]
    [InlineData("10.0.0.7:41020", "10.0.0.7", 41020, null)]
    [InlineData("[::1]:5", "::1", 5, null)]
    [InlineData("10.0.0.7:41020+unix:/tmp/a@b/x.sock@host", "10.0.0.7", 41020, "/tmp/a@b/x.sock")]
    public void An_address_reads_as_it_was_written(string text, string host, int port, string? path)
    {
        var address = ByteAddress.Parse(text);
        Assert.Equal((host, port, path), (address.Host, address.Port, address.UnixPath));
        Assert.Equal(text, address.ToString());
    }

    [Theory, InlineData(""), InlineData("host"), InlineData(":5"), InlineData("host:0"), InlineData("host:x"), InlineData("h:1+unix:/x")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<InvalidDataException>(() => ByteAddress.Parse(text));

    [Fact]
    public async Task A_Unix_path_of_another_host_or_that_cannot_be_opened_is_passed_over()
    {
        await using var pair = await SocketPair.StartAsync();
        foreach (var unix in new[] { $"/nowhere/x.sock@{UnixSockets.HostId}", "/nowhere/x.sock@another host" })
            await pair.Links.To($"{pair.Endpoint.Address}+unix:{unix}").Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        Assert.Equal([_address], pair.Endpoint.Channel.Waiting);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TestRuns.Patience);
        while (!holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
