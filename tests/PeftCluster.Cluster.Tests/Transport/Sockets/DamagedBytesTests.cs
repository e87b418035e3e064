using CsCheck;
using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>Whatever happens to the bytes on their way: nothing hangs or crashes, and what is delivered is what was sent.</summary>
public sealed class DamagedBytesTests
{
    private const string Layout = "layout";
    private const int Floats = 1_000;
    private static readonly VectorAddress _address = new("job", 1, 3, new TreeNode(1, 0), "cpu:0");
    private static readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private static readonly float[] _vector = [.. Enumerable.Range(1, Floats).Select(number => number / 7f)];

    // A transfer is some 4,200 bytes each way, of which the first 200 are the most delicate.
    private static readonly Gen<Damage> _damage = Gen.Select(
        Gen.Enum<Towards>(), Gen.OneOf(Gen.Int[0, 220], Gen.Int[0, 4_400]), Gen.Enum<DamageKind>(), Gen.Byte[1, 255],
        (towards, at, kind, value) => new Damage(towards, at, kind, value));

    [Fact]
    public async Task A_damaged_vector_never_arrives()
    {
        await using var pair = await StartAsync();
        await using var proxy = new DamagingProxy(pair.Endpoint.Address);
        pair.Endpoint.Vectors.Publish("job", 1, 3, Layout, _vector);
        var arrived = 0;
        await _damage.SampleAsync(async damage =>
        {
            proxy.Damage = damage;
            await using var links = Impatient();
            var handed = await SucceedsAsync(() => links.To(proxy.Address).Vectors.HandOverAsync(_address, Layout, _vector, _cancellation));
            Assert.All(pair.Endpoint.Channel.Waiting, waiting => Assert.Equal(_address, waiting));
            var into = new float[Floats];
            var taken = await pair.Endpoint.Vectors.TakeAsync(_address, Layout, into, _cancellation);
            Assert.True(taken || !handed);
            Assert.True(!taken || into.AsSpan().SequenceEqual(_vector));
            arrived += taken ? 1 : 0;
        }, iter: 200, seed: "0N0XIzNsQ0O2", threads: 1);
        Assert.InRange(arrived, 1, 199);
    }

    [Fact]
    public async Task A_damaged_version_is_never_fetched()
    {
        await using var pair = await StartAsync();
        await using var proxy = new DamagingProxy(pair.Endpoint.Address);
        pair.Endpoint.Vectors.Publish("job", 1, 3, Layout, _vector);
        var fetched = 0;
        await _damage.SampleAsync(async damage =>
        {
            proxy.Damage = damage;
            await using var links = Impatient();
            var into = new float[Floats];
            var there = false;
            if (await SucceedsAsync(async () => there = await links.To(proxy.Address).Vectors.FetchAsync("job", 1, 3, Layout, into, _cancellation)))
            {
                Assert.True(there);
                Assert.True(into.AsSpan().SequenceEqual(_vector));
                fetched++;
            }
        }, iter: 200, seed: "0N0XIzNsQ0O2", threads: 1);
        Assert.InRange(fetched, 1, 199);
    }

    [Fact]
    public async Task A_link_that_is_damaged_once_is_made_anew_and_the_vector_arrives()
    {
        await using var pair = await SocketPair.StartAsync();
        await using var proxy = new DamagingProxy(pair.Endpoint.Address);
        await using var links = new SocketLinks(new SocketLinkOptions { Patience = TestRuns.Patience });
        pair.Endpoint.Vectors.Publish("job", 1, 3, Layout, _vector);
        proxy.Damage = new Damage(Towards.Endpoint, 2_000, DamageKind.Flip, 1);
        var handing = links.To(proxy.Address).Vectors.HandOverAsync(_address, Layout, _vector, _cancellation);
        while (pair.Endpoint.Connections == 0)
            await Task.Yield();
        proxy.Damage = null;
        await handing;
        Assert.Equal([_address], pair.Endpoint.Channel.Waiting);
    }

    private static Task<SocketPair> StartAsync() => SocketPair.StartAsync(endpoint: options => options with
    {
        HandshakeTimeout = TimeSpan.FromMilliseconds(120),
        ProgressTimeout = TimeSpan.FromMilliseconds(120),
    });

    /// <summary>One attempt and no second.</summary>
    private static SocketLinks Impatient() => new(new SocketLinkOptions
    {
        Patience = TimeSpan.Zero,
        ConnectTimeout = TimeSpan.FromMilliseconds(120),
        ProgressTimeout = TimeSpan.FromMilliseconds(120),
    });

    private static async Task<bool> SucceedsAsync(Func<Task> transfer)
    {
        try
        {
            await transfer().WaitAsync(TestRuns.Patience, _cancellation);
            return true;
        }
        catch (Exception refused) when (refused is IOException or InvalidDataException)
        {
            return false;
        }
    }
}
