using System.Diagnostics;
using System.Globalization;

namespace PeftCluster.Server.Chaos;

/// <summary>
/// A network of its own for one row: each node lives in a network namespace with one wire to a bridge, so that its line can be cut as a cable is. Needs Linux, root
/// and <c>ip</c>; elsewhere the rows that need it say <c>unavailable</c>.
/// </summary>
internal sealed class NodeNetwork : IAsyncDisposable
{
    private const string Subnet = "10.177.41";

    /// <summary>All rows use the same addresses, so one has a network at a time.</summary>
    private static readonly SemaphoreSlim _one = new(1, 1);

    private static int _count;

    // A name of its own for each: the kernel lets go of a namespace's wire some time after the namespace.
    private readonly string _bridge = string.Create(CultureInfo.InvariantCulture, $"pc{Environment.ProcessId % 100_000}{(char)('a' + Interlocked.Increment(ref _count) % 26)}");
    private readonly List<string> _names = [];

    /// <summary>This process's own address in it.</summary>
    public static string Own => $"{Subnet}.254";

    /// <summary>The address of the node with this number; the coordinator is 0.</summary>
    public static string AddressOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Subnet}.{number + 1}");

    /// <summary>Makes the bridge. Null with the reason: this machine does not let us.</summary>
    public static async Task<(NodeNetwork? Network, string? Reason)> CreateAsync(CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return (null, "network namespaces need Linux and root");
        await _one.WaitAsync(cancellation);
        var network = new NodeNetwork();
        try
        {
            await IpAsync("link", "add", network._bridge, "type", "bridge");
            await IpAsync("addr", "add", $"{Own}/24", "dev", network._bridge);
            await IpAsync("link", "set", network._bridge, "up");
            return (network, null);
        }
        catch (Exception refused) when (refused is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            await network.DisposeAsync();
            return (null, $"network namespaces cannot be had ({refused.Message.Trim()})");
        }
    }

    /// <summary>Makes the place of one node. Answers the words before its command line.</summary>
    public async Task<IReadOnlyList<string>> AddAsync(int number)
    {
        var name = NameOf(number);
        _names.Add(name);
        await IpAsync("netns", "add", name);
        await IpAsync("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
        await IpAsync("link", "set", name, "master", _bridge, "up");
        await IpAsync("-n", name, "addr", "add", $"{AddressOf(number)}/24", "dev", "eth0");
        await IpAsync("-n", name, "link", "set", "lo", "up");
        await IpAsync("-n", name, "link", "set", "eth0", "up");
        return ["ip", "netns", "exec", name];
    }

    /// <summary>Pulls a node's cable out, or puts it back.</summary>
    public Task CutAsync(int number, bool cut) => IpAsync("link", "set", NameOf(number), cut ? "down" : "up");

    /// <summary>What a node sends to any other is lost, or not any more.</summary>
    public async Task LoseAsync(int number, bool lose)
    {
        foreach (var address in Enumerable.Range(0, _names.Count).Where(other => other != number).Select(AddressOf).Append(Own))
            await IpAsync("-n", NameOf(number), "route", lose ? "add" : "del", "blackhole", $"{address}/32");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _names)
            await IpAsync("netns", "del", name).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await IpAsync("link", "del", _bridge).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _one.Release();
    }

    private string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{_bridge}-{number}");

    private static async Task IpAsync(params IEnumerable<string> words)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", words) { RedirectStandardError = true }) ?? throw new InvalidOperationException("ip was not started");
        var error = await ip.StandardError.ReadToEndAsync();
        await ip.WaitForExitAsync();
        if (ip.ExitCode != 0)
            throw new InvalidOperationException(error);
    }
}
