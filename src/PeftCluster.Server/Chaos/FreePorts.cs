using System.Net;
using System.Net.Sockets;

namespace PeftCluster.Server.Chaos;

/// <summary>Ports that nobody uses just now.</summary>
internal static class FreePorts
{
    /// <summary>So many different ones: all are held until the last is found.</summary>
    public static IReadOnlyList<int> Find(int count)
    {
        var held = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        held.ForEach(listener => listener.Start());
        int[] ports = [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        held.ForEach(listener => listener.Stop());
        return ports;
    }
}
