using PeftCluster.Cluster.Transport;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>An endpoint and a node's links to it, over one of the kinds of socket.</summary>
internal sealed class SocketPair : IAsyncDisposable
{
    public const string Tcp = "tcp";
    public const string Unix = "unix";
    public const string Shared = "shared";

    private readonly TestFolder _folder;

    private SocketPair(TestFolder folder, ByteEndpoint endpoint, SocketLinks links) => (_folder, Endpoint, Links) = (folder, endpoint, links);

    public ByteEndpoint Endpoint { get; }

    public SocketLinks Links { get; }

    public ICoordinatorLink Link => Links.To(Endpoint.Address);

    public string Folder => _folder.Path;

    public static async Task<SocketPair> StartAsync(
        string kind = Tcp, Func<ByteEndpointOptions, ByteEndpointOptions>? endpoint = null, Func<SocketLinkOptions, SocketLinkOptions>? links = null)
    {
        var folder = new TestFolder();
        var options = new ByteEndpointOptions
        {
            Content = new ContentFolder(Path.Combine(folder.Path, "content")),
            UnixSocketFolder = kind == Tcp ? null : folder.Path,
        };
        var listening = await ByteEndpoint.ListenAsync(endpoint?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
        Assert.Equal(kind != Tcp, listening.Address.Contains("+unix:", StringComparison.Ordinal));
        var linked = new SocketLinkOptions { Patience = TimeSpan.FromSeconds(5), UseSharedMemory = kind == Shared };
        return new SocketPair(folder, listening, new SocketLinks(links?.Invoke(linked) ?? linked));
    }

    public async ValueTask DisposeAsync()
    {
        await Links.DisposeAsync();
        await Endpoint.DisposeAsync();
        _folder.Dispose();
    }
}
