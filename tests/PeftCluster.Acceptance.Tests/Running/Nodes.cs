using System.Net;
using System.Net.Sockets;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>Nodes of one cluster as processes of this machine, each on a port that was free, each with a state folder of its own.</summary>
internal sealed class Nodes(string folder) : IDisposable
{
    private readonly Dictionary<string, (Peft Process, int Port)> _nodes = [];

    /// <summary>Where the coordinator is.</summary>
    public string Coordinator => $"127.0.0.1:{_nodes["coordinator"].Port}";

    public Peft this[string name] => _nodes[name].Process;

    /// <summary>A coordinator and so many workers, all up.</summary>
    public static async Task<Nodes> StartAsync(string folder, int workers, params string[] words)
    {
        var nodes = new Nodes(folder);
        try
        {
            await nodes.StartCoordinatorAsync(words);
            await Task.WhenAll(Enumerable.Range(1, workers).Select(number => nodes.StartWorkerAsync($"worker{number}", words)));
            return nodes;
        }
        catch
        {
            nodes.Dispose();
            throw;
        }
    }

    /// <summary>Starts the coordinator, or starts it again where it was.</summary>
    public Task StartCoordinatorAsync(params string[] words) => StartAsync("coordinator", ["--roles", "coordinator", .. words]);

    public Task StartWorkerAsync(string name, params string[] words) => StartAsync(name, ["--roles", "worker", "--join", Coordinator, .. words]);

    public void Dispose()
    {
        foreach (var (process, _) in _nodes.Values)
            process.Dispose();
    }

    private async Task StartAsync(string name, string[] words)
    {
        var port = _nodes.TryGetValue(name, out var before) ? before.Port : FreePort();
        var process = Peft.Start(folder, ["node", "--listen", $"127.0.0.1:{port}", "--state", Path.Combine(folder, "nodes", name), .. words]);
        lock (_nodes)
            _nodes[name] = (process, port);
        await process.SeesAsync(" is up");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
