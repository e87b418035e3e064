using System.Net;
using System.Net.Sockets;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>The sockets that an endpoint listens at, and its address.</summary>
/// <param name="Tcp">For all.</param>
/// <param name="Unix">For processes of this host, or null.</param>
/// <param name="Address">Where both are.</param>
internal sealed record Listeners(Socket Tcp, Socket? Unix, ByteAddress Address) : IDisposable
{
    /// <exception cref="BadInputException">The port is taken, or the address is none of this host.</exception>
    public static async Task<Listeners> OpenAsync(ByteEndpointOptions options, CancellationToken cancellation)
    {
        var tcp = await ListenAsync(options, cancellation);
        try
        {
            var port = ((IPEndPoint)tcp.LocalEndPoint!).Port;
            var address = new ByteAddress(options.PublicHost ?? (options.Host is "0.0.0.0" or "::" ? Dns.GetHostName() : options.Host), port);
            if (options.UnixSocketFolder is not { } folder)
                return new Listeners(tcp, null, address);
            if (UnixSockets.Listen(folder, port) is { } unix)
                return new Listeners(tcp, unix.Listener, address with { UnixPath = unix.Path, UnixHost = UnixSockets.HostId });
            options.Logger.Information("no Unix socket in {Folder}: the system has none, or the path is too long. Processes of this host use TCP", folder);
            return new Listeners(tcp, null, address);
        }
        catch
        {
            tcp.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Tcp.Dispose();
        Unix?.Dispose();
        if (Address.UnixPath is { } path)
            File.Delete(path);
    }

    private static async Task<Socket> ListenAsync(ByteEndpointOptions options, CancellationToken cancellation)
    {
        var wanted = new ByteAddress(options.Host, options.Port).Tcp;
        Socket? socket = null;
        try
        {
            var address = (await Dns.GetHostAddressesAsync(options.Host, cancellation)) is [var first, ..]
                ? first
                : throw new SocketException((int)SocketError.HostNotFound);
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, options.Port));
            socket.Listen(512);
            return socket;
        }
        catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            socket?.Dispose();
            throw new BadInputException($"{wanted}: this port is taken or not allowed. Give another one, or 0 for any that is free", taken);
        }
        catch (SocketException nowhere)
        {
            socket?.Dispose();
            throw new BadInputException($"{wanted}: nothing can listen there ({nowhere.Message}). Give an address of this host, or 0.0.0.0 for all of them", nowhere);
        }
    }
}
