using System.Net;
using System.Net.Sockets;

namespace PeftCluster.Server.Chaos;

/// <summary>
/// Ports that nobody uses just now, and that the system gives to nobody by itself: a worker that tries to reach a dead coordinator could be given the
/// coordinator's own port for its end of the line, and hold it when the coordinator comes back.
/// </summary>
internal static class FreePorts
{
    // Linux gives out ports from 32768, Windows and macOS from 49152.
    private const int First = 20_000, End = 32_768;

    private static int _next = Environment.ProcessId * 64;

    /// <summary>So many different ones, and different from those of every earlier call.</summary>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public static IReadOnlyList<int> Find(int count)
    {
        var ports = new List<int>();
        for (var tried = 0; ports.Count < count; tried++)
        {
            if (tried == End - First)
                throw new InvalidOperationException($"no free ports from {First} to {End - 1}");
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % (End - First));
            if (IsFree(port))
                ports.Add(port);
        }
        return ports;
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
