using System.Collections.Concurrent;
using PeftCluster.Cluster.Transport.Sockets;

namespace PeftCluster.Cluster.Transport;

/// <summary>
/// A node's ways to coordinators' endpoints over sockets. Connections are made when they are first needed, used again, and made anew when they break; whoever
/// cancels a transfer ends its connection.
/// </summary>
public sealed class SocketLinks(SocketLinkOptions options) : ICoordinatorLinks, IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, RemoteLink> _links = [];
    private readonly ConcurrentDictionary<string, RemoteLink> _peers = [];
    private readonly ConcurrentDictionary<Presence, bool> _presences = [];

    /// <summary>The way to an endpoint, by its <see cref="ByteEndpoint.Address"/>.</summary>
    /// <exception cref="InvalidDataException">It is no address.</exception>
    public ICoordinatorLink To(string endpoint)
    {
        var link = LinkTo(endpoint);
        return options.Own is null ? link : new PeerLink(link.Vectors, new PeerContent(link.Files, PeerAt, options));
    }

    /// <summary>Keeps one connection to an endpoint that stands for a device, until it is disposed; its end tells the endpoint that the device is lost.</summary>
    /// <exception cref="InvalidDataException">It is no address.</exception>
    public IDisposable Announce(string endpoint, string device)
    {
        var presence = new Presence(LinkTo(endpoint), options, device);
        _presences[presence] = true;
        presence.Ended.ContinueWith(_ => _presences.TryRemove(presence, out var _), TaskScheduler.Default);
        return presence;
    }

    /// <summary>Closes all connections; requests under way end as cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var presence in _presences.Keys)
            presence.Dispose();
        foreach (var link in _links.Values.Concat(_peers.Values))
            link.Dispose();
        await Task.WhenAll(_presences.Keys.Select(presence => presence.Ended)).WaitAsync(_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Another node: one attempt, and not for long, since there are others that have the file.</summary>
    private RemoteLink PeerAt(string address) => _peers.GetOrAdd(address, static (address, options) => new RemoteLink(new Dialer(ByteAddress.Parse(address), options), options), options with
    {
        ConnectTimeout = options.PeerPatience,
        ProgressTimeout = options.PeerPatience,
        Patience = TimeSpan.Zero,
    });

    private RemoteLink LinkTo(string endpoint) =>
        _links.GetOrAdd(endpoint, static (address, options) => new RemoteLink(new Dialer(ByteAddress.Parse(address), options), options), options);
}
