using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// What both ends set on a connection. The kernel lets a queue of bytes grow to 4 MB and more, which a long line needs. A short line does not, and there such a queue
/// only sees to it that each byte has left the processor's cache before it is read: it gets a queue that fits one.
/// </summary>
internal static class SocketTuning
{
    // asm-generic/socket.h; .NET has no names for them.
    private const int LinuxSocketLevel = 1;
    private const int LinuxReceiveLowWater = 18;

    // linux/tcp.h: TCP_INFO, and where tcpi_min_rtt (microseconds) lies in what it gives.
    private const int LinuxTcpLevel = 6;
    private const int LinuxTcpInfo = 11;
    private const int MinimumRoundTripAt = 148;

    // The kernel doubles it: 1 MB on its way in 100 µs is 80 Gb/s.
    private const int ShortQueueBytes = 1 << 19;
    private const uint ShortRoundTripMicroseconds = 100;

    public static void Apply(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
            return;
        // Answers are small and waited for.
        socket.NoDelay = true;
        if (QueueBytes(RoundTripMicroseconds(socket)) is { } queue)
            socket.SendBufferSize = queue;
        // A presence says nothing for hours: the system asks whether the other end still is.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 2);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>How long the queue of a line is to be; null: as the kernel likes.</summary>
    /// <param name="roundTripMicroseconds">The line's; null: nobody knows it.</param>
    internal static int? QueueBytes(uint? roundTripMicroseconds) => roundTripMicroseconds <= ShortRoundTripMicroseconds ? ShortQueueBytes : null;

    /// <summary>The shortest round trip that the kernel has seen on a connection, of which there is one from its making. Null: not here.</summary>
    internal static uint? RoundTripMicroseconds(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<byte> info = stackalloc byte[MinimumRoundTripAt + sizeof(uint)];
        try
        {
            return socket.GetRawSocketOption(LinuxTcpLevel, LinuxTcpInfo, info) == info.Length ? MemoryMarshal.Read<uint>(info[MinimumRoundTripAt..]) : null;
        }
        catch (SocketException)
        {
            // A sandbox's own network need not have it.
            return null;
        }
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
