using System.Net.Sockets;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>What both ends set on a connection. The kernel's buffers are left alone: larger ones gained nothing.</summary>
internal static class SocketTuning
{
    public static void Apply(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
            return;
        // Answers are small and waited for.
        socket.NoDelay = true;
        // A presence says nothing for hours: the system asks whether the other end still is.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 2);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }
}
