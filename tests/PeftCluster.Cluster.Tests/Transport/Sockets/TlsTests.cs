using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>TLS with certificates of an authority that the operating system does not know.</summary>
public sealed class TlsTests
{
    private const string Layout = "layout";
    private static readonly VectorAddress _address = new("job", 1, 3, new TreeNode(1, 0), "cpu:0");
    private static readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private static readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Nodes_of_one_authority_exchange_vectors()
    {
        using var authority = Authority();
        var (endpoint, node) = (Node(authority), Node(authority));
        await using var pair = await SocketPair.StartAsync(endpoint: options => options with { Tls = endpoint }, links: links => links with { Tls = node });
        float[] vector = [.. Enumerable.Range(0, 1_000_000).Select(number => number / 3f)], into = new float[vector.Length];
        await pair.Link.Vectors.HandOverAsync(_address, Layout, vector, _cancellation);
        Assert.True(await pair.Endpoint.Vectors.TakeAsync(_address, Layout, into, _cancellation));
        Assert.Equal(vector, into);
    }

    [Fact]
    public async Task A_Unix_socket_needs_none()
    {
        using var authority = Authority();
        var endpoint = Node(authority);
        await using var pair = await SocketPair.StartAsync(SocketPair.Unix, options => options with { Tls = endpoint });
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        Assert.Equal([_address], pair.Endpoint.Channel.Waiting);
    }

    [Fact]
    public async Task Another_authoritys_node_is_refused_by_both_sides()
    {
        using var ours = Authority();
        using var theirs = Authority();
        await RefusedAsync(Node(ours), Node(theirs));
        // Each side by itself: a node that trusts us, with a certificate that we do not trust, and the other way round.
        await RefusedAsync(Node(ours), Node(theirs) with { Authority = ours });
        await RefusedAsync(Node(theirs) with { Authority = ours }, Node(ours));
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        using var authority = Authority();
        await RefusedAsync(Node(authority), Node(authority, until: _now.AddMinutes(-1)));
        await RefusedAsync(Node(authority, until: _now.AddMinutes(-1)), Node(authority));
    }

    [Fact]
    public async Task Whoever_comes_without_TLS_is_refused_and_whoever_wants_it_where_there_is_none_too()
    {
        using var authority = Authority();
        await RefusedAsync(Node(authority), null);
        await RefusedAsync(null, Node(authority));
    }

    private static async Task RefusedAsync(ByteTls? endpoint, ByteTls? node)
    {
        await using var pair = await SocketPair.StartAsync(
            endpoint: options => options with { Tls = endpoint },
            links: links => links with { Tls = node, Patience = TimeSpan.Zero, ConnectTimeout = TimeSpan.FromSeconds(2) });
        await Assert.ThrowsAnyAsync<IOException>(() => pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation));
        Assert.Empty(pair.Endpoint.Channel.Waiting);
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(_now.AddDays(-2), _now.AddDays(2));
    }

    private static ByteTls Node(X509Certificate2 authority, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var signed = request.Create(authority, _now.AddDays(-1), until ?? _now.AddDays(1), [1, 2, 3, 4]);
        using var withKey = signed.CopyWithPrivateKey(key);
        return new ByteTls(X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null), authority);
    }
}
