using System.Net.Sockets;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// Which places somebody listens at. A coordinator that was started again asks so for the members that it remembers: those of a machine that was started again with it are
/// gone, and it need not wait for their answer.
/// </summary>
internal static class Listening
{
    /// <summary>The places, <c>host:port</c>, where a connection is taken within the time.</summary>
    public static async Task<IReadOnlyList<string>> AmongAsync(IReadOnlyList<string> places, TimeSpan patience)
    {
        var answers = await Task.WhenAll(places.Select(place => IsAtAsync(place, patience)));
        return [.. places.Where((_, index) => answers[index])];
    }

    private static async Task<bool> IsAtAsync(string place, TimeSpan patience)
    {
        using var late = new CancellationTokenSource(patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            var (host, port) = HostPort.Parse(place, "members.json");
            await socket.ConnectAsync(host, port, late.Token);
            return true;
        }
        catch (Exception nobody) when (nobody is SocketException or OperationCanceledException or BadInputException)
        {
            return false;
        }
    }
}
