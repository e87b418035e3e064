using System.Security.Cryptography;
using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>Files that nodes fetch from one another.</summary>
public sealed class PeerContentTests : IAsyncDisposable
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private readonly TestFolder _folder = new();
    private readonly Stack<IAsyncDisposable> _parts = [];

    [Fact]
    public async Task A_file_that_the_coordinator_has_lost_comes_from_a_node_that_has_it()
    {
        await using var coordinator = await SocketPair.StartAsync();
        var (sha256, path) = await GivenAsync(coordinator, bytes: 300_000);
        var first = await NodeAsync(coordinator);
        await first.FetchAsync(sha256);
        File.Delete(coordinator.Endpoint.Content.PathOf(sha256));
        var second = await NodeAsync(coordinator);
        Assert.Equal(await File.ReadAllBytesAsync(path, _cancellation), await File.ReadAllBytesAsync(await second.FetchAsync(sha256), _cancellation));
        await Assert.ThrowsAsync<FileNotFoundException>(() => coordinator.Link.Content.FetchAsync(sha256, Path.Combine(_folder.Path, "none"), _cancellation));
    }

    [Fact]
    public async Task Of_many_nodes_the_coordinator_serves_the_first_and_the_others_share_the_rest()
    {
        const int Bytes = 200_000;
        await using var coordinator = await SocketPair.StartAsync();
        var (sha256, _) = await GivenAsync(coordinator, Bytes);
        List<Node> nodes = [];
        var before = coordinator.Endpoint.BytesMoved;
        for (var number = 0; number < 5; number++)
        {
            nodes.Add(await NodeAsync(coordinator));
            await nodes[^1].FetchAsync(sha256);
        }
        Assert.InRange(coordinator.Endpoint.BytesMoved - before, Bytes, 2 * Bytes);
        Assert.True(nodes.Count(node => node.Endpoint.BytesMoved > Bytes) > 1);
    }

    [Fact]
    public async Task What_a_node_gives_under_another_files_name_is_refused_and_fetched_elsewhere()
    {
        await using var coordinator = await SocketPair.StartAsync();
        var (sha256, path) = await GivenAsync(coordinator, bytes: 50_000);
        var liar = await NodeAsync(coordinator);
        var wrong = Path.Combine(_folder.Path, "wrong");
        await File.WriteAllBytesAsync(wrong, new byte[50_000], _cancellation);
        await liar.HaveAsync(sha256, wrong);
        var node = await NodeAsync(coordinator);
        Assert.Equal(await File.ReadAllBytesAsync(path, _cancellation), await File.ReadAllBytesAsync(await node.FetchAsync(sha256), _cancellation));
        Assert.True(liar.Endpoint.BytesMoved > 50_000);
    }

    [Fact]
    public async Task A_node_that_dies_in_the_midst_or_is_gone_costs_nothing_but_its_bytes()
    {
        await using var coordinator = await SocketPair.StartAsync();
        var (sha256, path) = await GivenAsync(coordinator, bytes: 2_000_000);
        var holder = await NodeAsync(coordinator);
        await using var dying = new DamagingProxy(holder.Endpoint.Address) { Damage = new Damage(Towards.Client, 700_000, DamageKind.End, 0) };
        await holder.HaveAsync(sha256, path, at: dying.Address);
        var gone = await NodeAsync(coordinator);
        await gone.HaveAsync(sha256, path);
        await gone.Endpoint.DisposeAsync();
        var node = await NodeAsync(coordinator);
        var before = coordinator.Endpoint.BytesMoved;
        Assert.Equal(await File.ReadAllBytesAsync(path, _cancellation), await File.ReadAllBytesAsync(await node.FetchAsync(sha256), _cancellation));
        Assert.True(holder.Endpoint.BytesMoved > 500_000);
        Assert.True(coordinator.Endpoint.BytesMoved - before > 2_000_000);
    }

    [Fact]
    public async Task A_node_that_is_slower_than_the_slowest_is_left()
    {
        await using var coordinator = await SocketPair.StartAsync();
        var (sha256, path) = await GivenAsync(coordinator, bytes: 3_000_000);
        var holder = await NodeAsync(coordinator);
        await holder.HaveAsync(sha256, path);
        // A pace that leaves no time at all for so many bytes (3 s less a second for each million), so nothing here depends on the clock. The coordinator is asked for no pace.
        var node = await NodeAsync(coordinator, links => links with { SlowestPeer = -1_000_000, PeerPatience = TimeSpan.FromSeconds(3) });
        var before = coordinator.Endpoint.BytesMoved;
        Assert.Equal(await File.ReadAllBytesAsync(path, _cancellation), await File.ReadAllBytesAsync(await node.FetchAsync(sha256), _cancellation));
        Assert.True(coordinator.Endpoint.BytesMoved - before > 3_000_000);
    }

    [Fact]
    public async Task A_node_gives_files_away_to_whoever_knows_the_secret_and_answers_nothing_else()
    {
        byte[] secret = [.. Enumerable.Repeat((byte)7, 32)];
        await using var coordinator = await SocketPair.StartAsync(endpoint: options => options with { Secret = secret }, links: options => options with { Secret = secret });
        var (sha256, path) = await GivenAsync(coordinator, bytes: 1_000);
        var holder = await NodeAsync(coordinator, links => links with { Secret = secret }, endpoint => endpoint with { Secret = secret });
        await holder.HaveAsync(sha256, path);
        var node = await NodeAsync(coordinator, links => links with { Secret = secret }, endpoint => endpoint with { Secret = secret });
        await node.FetchAsync(sha256);
        var into = Path.Combine(_folder.Path, "into");
        await using var stranger = new SocketLinks(new SocketLinkOptions { Patience = TimeSpan.Zero });
        await Assert.ThrowsAsync<IOException>(() => stranger.To(holder.Endpoint.Address).Content.FetchAsync(sha256, into, _cancellation));
        await using var member = new SocketLinks(new SocketLinkOptions { Patience = TimeSpan.Zero, Secret = secret });
        await member.To(holder.Endpoint.Address).Content.FetchAsync(sha256, into, _cancellation);
        Assert.Contains("only gives files away", (await Assert.ThrowsAsync<IOException>(() => member.To(holder.Endpoint.Address).Content.PutAsync(path, _cancellation))).Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part))
            await part.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<(string Sha256, string Path)> GivenAsync(SocketPair coordinator, int bytes)
    {
        var path = Path.Combine(_folder.Path, "given");
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(bytes), _cancellation);
        return (await coordinator.Link.Content.PutAsync(path, _cancellation), path);
    }

    private async Task<Node> NodeAsync(SocketPair coordinator, Func<SocketLinkOptions, SocketLinkOptions>? links = null, Func<ByteEndpointOptions, ByteEndpointOptions>? endpoint = null)
    {
        var shelf = new Shelf();
        var options = new ByteEndpointOptions { Shelf = shelf };
        var listening = await ByteEndpoint.ListenAsync(endpoint?.Invoke(options) ?? options, _cancellation);
        var linked = new SocketLinkOptions { Own = listening.Address, Patience = TimeSpan.FromSeconds(5) };
        var sockets = new SocketLinks(links?.Invoke(linked) ?? linked);
        _parts.Push(listening);
        _parts.Push(sockets);
        return new Node(listening, shelf, sockets.To(coordinator.Endpoint.Address).Content, sockets, coordinator.Endpoint.Address, Path.Combine(_folder.Path, $"node{_parts.Count}"));
    }

    private sealed record Node(ByteEndpoint Endpoint, Shelf Shelf, IContentStore Content, SocketLinks Links, string Coordinator, string Path)
    {
        public async Task<string> FetchAsync(string sha256)
        {
            await Content.FetchAsync(sha256, Path, TestContext.Current.CancellationToken);
            await HaveAsync(sha256, Path);
            return Path;
        }

        public async Task HaveAsync(string sha256, string path, string? at = null)
        {
            Shelf.Files[sha256] = path;
            if (at is null)
                await Content.NoteAsync(sha256, TestContext.Current.CancellationToken);
            else
                await using (var links = new SocketLinks(new SocketLinkOptions { Own = at }))
                    await links.To(Coordinator).Content.NoteAsync(sha256, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Shelf : IContentShelf
    {
        public Dictionary<string, string> Files { get; } = [];

        public string? Find(string sha256) => Files.GetValueOrDefault(sha256);
    }
}
