using System.Net;
using System.Net.Sockets;
using System.Text;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Transport.Sockets;
using PeftCluster.Steps.Reduction;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>Peers that do not belong here, or lie.</summary>
public sealed class StrangerTests
{
    private const string Layout = "layout";
    private static readonly VectorAddress _address = new("job", 1, 3, new TreeNode(1, 0), "cpu:0");
    private static readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private static readonly byte[] _secret = Encoding.ASCII.GetBytes("a secret of this cluster");
    private static readonly byte[] _other = Encoding.ASCII.GetBytes("a secret of another one");

    [Theory, InlineData(SocketPair.Tcp), InlineData(SocketPair.Unix), InlineData(SocketPair.Shared)]
    public async Task Who_knows_the_secret_is_served(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind, options => options with { Secret = _secret }, links => links with { Secret = _secret });
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        Assert.Equal([_address], pair.Endpoint.Channel.Waiting);
    }

    [Theory, InlineData(SocketPair.Tcp), InlineData(SocketPair.Unix), InlineData(SocketPair.Shared)]
    public async Task Who_knows_another_secret_is_refused_and_the_log_says_so(string kind)
    {
        var log = new Lines();
        await using var logger = new LoggerConfiguration().WriteTo.Sink(log).CreateLogger();
        await using var pair = await SocketPair.StartAsync(
            kind, options => options with { Secret = _secret, Logger = logger }, links => links with { Secret = _other });
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation));
        Assert.EndsWith(": refused: another cluster secret", refused.Message, StringComparison.Ordinal);
        Assert.Empty(pair.Endpoint.Channel.Waiting);
        await log.Written.WaitAsync(TestRuns.Patience, _cancellation);
        Assert.EndsWith("its connection is closed: \"it has another cluster secret\"", log.First, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_on_one_side_only_is_refused_in_words()
    {
        await using var secured = await SocketPair.StartAsync(endpoint: options => options with { Secret = _secret });
        var none = await Assert.ThrowsAnyAsync<IOException>(() => secured.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation));
        Assert.Contains("the cluster has a secret and this process was given none", none.Message, StringComparison.Ordinal);
        await using var open = await SocketPair.StartAsync(links: links => links with { Secret = _secret });
        var lonely = await Assert.ThrowsAnyAsync<IOException>(() => open.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation));
        Assert.Contains("this process was given a cluster secret and the other end has none", lonely.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_taken_before_the_secret_was_shown()
    {
        await using var pair = await SocketPair.StartAsync(endpoint: options => options with { Secret = _secret });
        using var stranger = await ConnectedAsync(pair);
        var frame = new Frame().Begin(FrameKind.HandOver).Add("job").Add(1).Add(3).Add(1).Add(0).Add("cpu:0").Add(Layout).Add(1);
        await stranger.SendAsync(frame.End(), _cancellation);
        Assert.Equal(0, await stranger.ReceiveAsync(new byte[100], _cancellation));
        Assert.Empty(pair.Endpoint.Channel.Waiting);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_know_the_secret_gets_nothing()
    {
        using var impostor = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        impostor.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        impostor.Listen();
        await using var links = new SocketLinks(new SocketLinkOptions { Secret = _secret });
        var handing = links.To(impostor.LocalEndPoint!.ToString()!).Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        var socket = await impostor.AcceptAsync(_cancellation);
        using var connection = new ByteConnection(socket, new NetworkStream(socket), "the client");
        using var watch = new ProgressWatch(TestRuns.Patience, TimeProvider.System, _cancellation);
        Assert.Equal(FrameKind.Hello, (await connection.ReceiveAsync(watch)).Kind);
        await connection.SendAsync(connection.Frame(FrameKind.Challenge).Add(1).Add(new byte[32]), watch);
        Assert.Equal(FrameKind.Proof, (await connection.ReceiveAsync(watch)).Kind);
        await connection.SendAsync(connection.Frame(FrameKind.Welcome).Add(new byte[32]), watch);
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => handing);
        Assert.EndsWith("refused: another cluster secret", refused.Message, StringComparison.Ordinal);
        Assert.Null(await connection.ReceiveNextAsync(watch));
    }

    [Fact]
    public async Task Noise_and_silence_end_the_connection_and_nothing_else()
    {
        await using var pair = await SocketPair.StartAsync(endpoint: options => options with { HandshakeTimeout = TimeSpan.FromMilliseconds(100) });
        foreach (var text in new[] { "GET / HTTP/1.1\r\nHost: x\r\n\r\n", new string('x', 100_000), "" })
        {
            using var stranger = await ConnectedAsync(pair);
            try
            {
                await stranger.SendAsync(Encoding.ASCII.GetBytes(text), _cancellation);
                while (await stranger.ReceiveAsync(new byte[100], _cancellation) > 0)
                    continue;
            }
            catch (SocketException)
            {
                // Closed with bytes unread, the connection is reset.
            }
        }
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        Assert.Equal([_address], pair.Endpoint.Channel.Waiting);
    }

    private static async Task<Socket> ConnectedAsync(SocketPair pair)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(pair.Endpoint.Address), _cancellation);
        return socket;
    }

    private sealed class Lines : ILogEventSink
    {
        private readonly TaskCompletionSource<string> _first = new();

        public Task Written => _first.Task;

        public string First => _first.Task.Result;

        public void Emit(LogEvent logEvent) => _first.TrySetResult(logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture));
    }
}
