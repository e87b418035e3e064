using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>What both ends set on a connection. The kernel's buffers are left alone: larger ones gained nothing.</summary>
internal static class SocketTuning
{
    // asm-generic/socket.h; .NET has no names for them.
    private const int LinuxSocketLevel = 1;
    private const int LinuxReceiveLowWater = 18;

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

    /// <summary>Sets how many bytes must have come before a reader is woken (SO_RCVLOWAT; <c>man 7 socket</c>). False: not here.</summary>
    public static bool TryWakeAt(Socket socket, int bytes)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        Span<byte> value = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(value, bytes);
        try
        {
            socket.SetRawSocketOption(LinuxSocketLevel, LinuxReceiveLowWater, value);
            return true;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The next read will say so.
            return false;
        }
    }
}
