using System.Net;
using System.Net.Sockets;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Node;

/// <summary>Which of this machine's addresses another one sees: the one that the operating system would send from. Nothing is sent to find out.</summary>
public static class OwnAddress
{
    /// <exception cref="BadInputException">The host has no address, or there is no way to it.</exception>
    public static string Towards(HostPort place)
    {
        try
        {
            var there = Dns.GetHostAddresses(place.Host)[0];
            using var socket = new Socket(there.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(there, Math.Max(place.Port, 1));
            return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
        }
        catch (SocketException unknown)
        {
            throw new BadInputException($"{place}: {unknown.Message.TrimEnd('.')}. Write the address of a node that this machine reaches.", unknown);
        }
    }
}
