using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Transport.Sockets.Shared;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>Connects to an endpoint: over its Unix socket where this process is on the same host and can open it, else over TCP.</summary>
internal sealed class Dialer(ByteAddress address, SocketLinkOptions options)
{
    public ByteAddress Address => address;

    /// <summary>A connection that was admitted.</summary>
    /// <exception cref="LinkRefusedException">The other end does not want this process, or the other way round.</exception>
    /// <exception cref="LostConnectionException">There is nobody just now.</exception>
    public async Task<ByteConnection> ConnectAsync(CancellationToken cancellation)
    {
        using var watch = new ProgressWatch(options.ConnectTimeout, options.Time, cancellation);
        watch.Progress();
        var socket = await UnixAsync(watch) ?? await TcpAsync(watch);
        try
        {
            SocketTuning.Apply(socket);
            Stream stream = new NetworkStream(socket, ownsSocket: false);
            if (options.Tls is { } tls && socket.AddressFamily != AddressFamily.Unix)
                stream = await TlsAsync(new SslStream(stream), tls, watch);
            var connection = new ByteConnection(socket, stream, address.Tcp);
            await Handshake.GreetAsync(connection, options.Secret, watch);
            if (socket.AddressFamily == AddressFamily.Unix && options.UseSharedMemory)
                await SharedMemoryOffer.MakeAsync(connection, watch);
            connection.GoOnOver(way => FaultyStream.Over(way, options.Faults, FaultPoint.WhileSending));
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Socket?> UnixAsync(ProgressWatch watch)
    {
        if (!options.UseUnixSockets || address.UnixPath is not { } path || address.UnixHost != UnixSockets.HostId || !Socket.OSSupportsUnixDomainSockets)
            return null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), watch.Token);
            return socket;
        }
        catch (Exception unreachable) when (unreachable is SocketException or ArgumentException)
        {
            // Another container, another user, or an endpoint that has gone: TCP tells which.
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Socket> TcpAsync(ProgressWatch watch)
    {
        var socket = IPAddress.TryParse(address.Host, out var ip)
            ? new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (ip is null)
                await socket.ConnectAsync(address.Host, address.Port, watch.Token);
            else
                await socket.ConnectAsync(ip, address.Port, watch.Token);
            return socket;
        }
        catch (Exception broken)
        {
            socket.Dispose();
            throw broken switch
            {
                SocketException nobody => new LostConnectionException(nobody.Message, nobody),
                OperationCanceledException when !watch.IsCancelled => new LostConnectionException("nobody answers", broken),
                _ => broken,
            };
        }
    }

    private async Task<Stream> TlsAsync(SslStream stream, ByteTls tls, ProgressWatch watch)
    {
        try
        {
            await stream.AuthenticateAsClientAsync(tls.ForClient(address.Host), watch.Token);
            return stream;
        }
        catch (AuthenticationException refused)
        {
            throw new LinkRefusedException($"refused: the other end shows no certificate of this cluster ({refused.Message.TrimEnd('.')})", refused);
        }
        catch (Exception broken) when (broken is IOException || (broken is OperationCanceledException && !watch.IsCancelled))
        {
            throw new LostConnectionException($"no TLS connection ({broken.Message.TrimEnd('.')})", broken);
        }
    }
}
