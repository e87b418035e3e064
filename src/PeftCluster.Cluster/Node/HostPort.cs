using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Node;

/// <summary>A place as users write it: <c>10.0.0.7:4700</c>, <c>[::1]:4700</c>, <c>gpu7:4700</c>.</summary>
public readonly record struct HostPort(string Host, int Port)
{
    /// <summary>The port that a node listens on when nobody says otherwise.</summary>
    public const int Usual = 4700;

    /// <summary>Reads a place.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="where">The option, for the line of the error.</param>
    /// <param name="usual">The port when none is written.</param>
    /// <exception cref="BadInputException">It is no place.</exception>
    public static HostPort Parse(string text, string where, int usual = Usual)
    {
        var (host, port) = (text, "");
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && !text.EndsWith(']'))
            (host, port) = (text[..colon], text[(colon + 1)..]);
        var number = usual;
        var named = host != text;
        host = host.TrimStart('[').TrimEnd(']');
        if (host.Length == 0 || host.Contains('/') || Uri.CheckHostName(host) == UriHostNameType.Unknown
            || (named && !int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number)) || number > 65_535)
            throw new BadInputException($"{where}: \"{text}\" is no place. Write host:port, for example 10.0.0.7:{Usual}; ports go to 65535.");
        return new HostPort(host, number);
    }

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLoopback => Host is "localhost" || (System.Net.IPAddress.TryParse(Host, out var address) && System.Net.IPAddress.IsLoopback(address));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
