using System.Globalization;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// Where an endpoint is: <c>10.0.0.7:41020</c>, and where it has one its Unix socket with the host that has it:
/// <c>10.0.0.7:41020+unix:/tmp/x.sock@HOST</c>.
/// </summary>
/// <param name="Host">A name or an address; IPv6 without brackets.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="UnixPath">The socket's path, or null.</param>
/// <param name="UnixHost">Which host has it: <see cref="UnixSockets.HostId"/>.</param>
internal sealed record ByteAddress(string Host, int Port, string? UnixPath = null, string UnixHost = "")
{
    private const string Unix = "+unix:";

    public string Tcp => string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>The TCP place of an address as text. Equal places are the same endpoint, also when its process was started anew.</summary>
    public static string TcpOf(string text) => text.IndexOf(Unix, StringComparison.Ordinal) is var cut and >= 0 ? text[..cut] : text;

    /// <exception cref="InvalidDataException">It is no address.</exception>
    public static ByteAddress Parse(string text)
    {
        var tcp = TcpOf(text);
        var colon = tcp.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(tcp.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new InvalidDataException($"\"{text}\" is no endpoint: host:port is");
        var host = tcp[..colon].Trim('[', ']');
        if (tcp.Length == text.Length)
            return new ByteAddress(host, port);
        var unix = text[(tcp.Length + Unix.Length)..];
        var at = unix.LastIndexOf('@');
        return at > 0
            ? new ByteAddress(host, port, unix[..at], unix[(at + 1)..])
            : throw new InvalidDataException($"\"{text}\" is no endpoint: its Unix socket lacks the host (path@host)");
    }

    public override string ToString() => UnixPath is null ? Tcp : $"{Tcp}{Unix}{UnixPath}@{UnixHost}";
}
