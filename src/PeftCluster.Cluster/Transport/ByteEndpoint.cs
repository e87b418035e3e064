using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using PeftCluster.Cluster.Transport.Sockets;

namespace PeftCluster.Cluster.Transport;

/// <summary>
/// A coordinator's place for vectors and files, for all workers of all its runs: a hand-written accept loop over TCP and, between processes of one host, over a
/// Unix socket. <see cref="SocketLinks"/> is the other end; docs/protocol.md describes what goes over the wire.
/// </summary>
public sealed class ByteEndpoint : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly ByteEndpointOptions _options;
    private readonly Listeners _listeners;
    private readonly MemoryVectorChannel _vectors = new();
    private readonly Presences _presences;
    private readonly Traffic _traffic = new();
    private readonly ContentHolders _holders = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;

    private ByteEndpoint(ByteEndpointOptions options, Listeners listeners)
    {
        (_options, _listeners) = (options, listeners);
        _presences = new Presences(device =>
        {
            if (!_closing.IsCancellationRequested)
                DeviceLost?.Invoke(device);
        });
        Address = listeners.Address.ToString();
        _accepting = Task.WhenAll(AcceptAsync(listeners.Tcp), listeners.Unix is { } unix ? AcceptAsync(unix) : Task.CompletedTask);
    }

    /// <summary>The connection of a device's presence has ended: its process has, or the line is broken. Raised on some thread of the pool.</summary>
    public event Action<string>? DeviceLost;

    /// <summary>What others connect to: <c>10.0.0.7:41020</c>, and where there is one the Unix socket behind it.</summary>
    public string Address { get; }

    /// <summary>The runs' side.</summary>
    public IRunVectors Vectors => _vectors;

    /// <summary>Files, as they lie here.</summary>
    public ContentFolder Content => _options.Content ?? throw new InvalidOperationException("this endpoint only gives files away");

    /// <summary>The way here for workers of this process: nothing goes over a socket.</summary>
    public LocalLink Local => new(_vectors, Content);

    /// <summary>Bytes that have gone over its sockets, both ways.</summary>
    public long BytesMoved => _traffic.Bytes;

    internal MemoryVectorChannel Channel => _vectors;

    internal int Connections => _connections.Count;

    /// <summary>The devices whose presences are there.</summary>
    internal IReadOnlyCollection<string> Devices => _presences.Devices;

    internal object? LineOf(string device) => _presences.LineOf(device);

    /// <summary>Listens; done when others can connect.</summary>
    /// <exception cref="Jobs.BadInputException">The port is taken, or the address is none of this host.</exception>
    public static async Task<ByteEndpoint> ListenAsync(ByteEndpointOptions options, CancellationToken cancellation) =>
        new(options, await Listeners.OpenAsync(options, cancellation));

    /// <summary>Closes everything; transfers in hand end, and no device counts as lost.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync();
        _listeners.Dispose();
        foreach (var socket in _connections.Keys)
            socket.Dispose();
        await Task.WhenAll([_accepting, .. _connections.Values]).WaitAsync(_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_closing.Token);
                if (_connections.Count >= _options.MaxConnections)
                {
                    _options.Logger.Warning("a connection is refused: {Count} are open, which is the limit", _connections.Count);
                    socket.Dispose();
                    continue;
                }
                // Entered first, so that whoever closes the endpoint finds it.
                var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _connections[socket] = served.Task;
                _ = ServeAsync(socket, served);
            }
            catch (Exception closed) when (closed is OperationCanceledException or ObjectDisposedException || _closing.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException broken)
            {
                // Out of file handles, or a peer that has gone again: the next may do.
                _options.Logger.Warning("a connection could not be taken: {Message}", broken.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100), _options.Time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket socket, TaskCompletionSource served)
    {
        await Task.Yield();
        var peer = socket.AddressFamily == AddressFamily.Unix ? "a process of this host" : socket.RemoteEndPoint?.ToString() ?? "a peer";
        try
        {
            using var connection = await AdmitAsync(socket, peer);
            using var watch = new ProgressWatch(_options.ProgressTimeout, _options.Time, _closing.Token);
            await new PeerSession(connection, _vectors, _holders, _options, device => _presences.Came(device, socket)).ServeAsync(watch);
        }
        catch (Exception ended) when (ended is not OutOfMemoryException)
        {
            if (!_closing.IsCancellationRequested)
                _options.Logger.Warning("{Peer}: its connection is closed: {Reason}", peer, ended.Message);
        }
        finally
        {
            socket.Dispose();
            _connections.TryRemove(socket, out _);
            served.SetResult();
            _presences.Ended(socket);
        }
    }

    private async Task<ByteConnection> AdmitAsync(Socket socket, string peer)
    {
        using var watch = new ProgressWatch(_options.HandshakeTimeout, _options.Time, _closing.Token);
        SocketTuning.Apply(socket);
        Stream stream = new NetworkStream(socket, ownsSocket: false);
        if (_options.Tls is { } tls && socket.AddressFamily != AddressFamily.Unix)
            stream = await TlsAsync(new SslStream(stream), tls, watch);
        var connection = new ByteConnection(socket, stream, peer, _traffic);
        await Handshake.AdmitAsync(connection, _options.Secret, watch);
        return connection;
    }

    private static async Task<Stream> TlsAsync(SslStream stream, ByteTls tls, ProgressWatch watch)
    {
        watch.Progress();
        try
        {
            await stream.AuthenticateAsServerAsync(tls.ForServer(), watch.Token);
            return stream;
        }
        catch (AuthenticationException refused)
        {
            throw new LinkRefusedException($"it shows no certificate of this cluster ({refused.Message.TrimEnd('.')})", refused);
        }
    }
}
