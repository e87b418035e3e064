using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>What the channel of one process does, the sockets do as well.</summary>
public sealed class SocketVectorTests
{
    private const string Layout = "layout";
    private static readonly VectorAddress _address = new("job", 1, 3, new TreeNode(1, 0), "cpu:0");
    private static readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => [SocketPair.Tcp, SocketPair.Unix, SocketPair.Shared];

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_vector_is_taken_once_and_no_worker_needs_its_buffer_after_handing_over(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind);
        float[] vector = [1, 2, 3], into = new float[3];
        await pair.Link.Vectors.HandOverAsync(_address, Layout, vector, _cancellation);
        vector[0] = 9;
        Assert.True(await pair.Endpoint.Vectors.TakeAsync(_address, Layout, into, _cancellation));
        Assert.Equal([1, 2, 3], into);
        Assert.False(await pair.Endpoint.Vectors.TakeAsync(_address, Layout, into, _cancellation));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_vector_that_is_handed_over_again_replaces_the_first(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind);
        var into = new float[1];
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[] { 1 }, _cancellation);
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[] { 2 }, _cancellation);
        Assert.True(await pair.Endpoint.Vectors.TakeAsync(_address, Layout, into, _cancellation));
        Assert.Equal([2], into);
        Assert.False(await pair.Endpoint.Vectors.TakeAsync(_address, Layout, into, _cancellation));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Another_layout_or_length_is_refused_by_name_and_the_connection_goes_on(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind);
        pair.Endpoint.Vectors.Publish("job", 1, 3, Layout, new float[3]);
        var layout = await Assert.ThrowsAsync<InvalidDataException>(() => pair.Link.Vectors.HandOverAsync(_address, "other", new float[3], _cancellation));
        Assert.Equal("node 1/0 of step 3 from cpu:0 (run job, attempt 1): its layout has hash other, this run's has layout", layout.Message);
        var length = await Assert.ThrowsAsync<InvalidDataException>(() => pair.Link.Vectors.HandOverAsync(_address, Layout, new float[4], _cancellation));
        Assert.Equal("node 1/0 of step 3 from cpu:0 (run job, attempt 1): it has 4 floats, this run's have 3", length.Message);
        await Assert.ThrowsAsync<InvalidDataException>(() => pair.Link.Vectors.FetchAsync("job", 1, 3, "other", new float[3], _cancellation));
        await Assert.ThrowsAsync<InvalidDataException>(() => pair.Link.Vectors.FetchAsync("job", 1, 3, Layout, new float[4], _cancellation));
        Assert.False(await pair.Endpoint.Vectors.TakeAsync(_address, Layout, new float[3], _cancellation));
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[3], _cancellation);
        Assert.Equal([_address], pair.Endpoint.Channel.Waiting);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_newest_version_can_be_fetched_and_older_ones_not(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind);
        for (var version = 0; version < 4; version++)
            pair.Endpoint.Vectors.Publish("job", 1, version, Layout, [version]);
        var into = new float[1];
        Assert.False(await pair.Link.Vectors.FetchAsync("job", 1, 2, Layout, into, _cancellation));
        Assert.True(await pair.Link.Vectors.FetchAsync("job", 1, 3, Layout, into, _cancellation));
        Assert.Equal(3, into[0]);
        Assert.False(await pair.Link.Vectors.FetchAsync("job", 2, 3, Layout, into, _cancellation));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_vector_that_comes_too_late_is_dropped(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind);
        await pair.Link.Vectors.HandOverAsync(_address with { Step = 5 }, Layout, new float[1], _cancellation);
        pair.Endpoint.Vectors.ForgetBefore("job", 1, 4);
        await pair.Link.Vectors.HandOverAsync(_address, Layout, new float[1], _cancellation);
        Assert.False(await pair.Endpoint.Vectors.TakeAsync(_address, Layout, new float[1], _cancellation));
        pair.Endpoint.Vectors.Forget("job", 1);
        Assert.False(await pair.Endpoint.Vectors.TakeAsync(_address with { Step = 5 }, Layout, new float[1], _cancellation));
        await pair.Link.Vectors.HandOverAsync(_address with { Step = 5 }, Layout, new float[1], _cancellation);
        Assert.False(await pair.Endpoint.Vectors.TakeAsync(_address with { Step = 5 }, Layout, new float[1], _cancellation));
    }

    [Fact]
    public async Task Before_the_first_version_a_vector_must_be_what_the_run_expects()
    {
        await using var pair = await SocketPair.StartAsync();
        var zero = VectorAddress.VersionZero("job", 1, "cpu:0");
        pair.Endpoint.Vectors.Expect("job", 1, Layout, 3);
        await Assert.ThrowsAsync<InvalidDataException>(() => pair.Link.Vectors.HandOverAsync(zero, Layout, new float[4], _cancellation));
        await pair.Link.Vectors.HandOverAsync(zero, Layout, new float[3], _cancellation);
        Assert.Equal([zero], pair.Endpoint.Channel.Waiting);
        pair.Endpoint.Vectors.Forget("job", 1);
        Assert.Null(pair.Endpoint.Channel.ShapeOf("job", 1));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Vectors_of_64_MB_and_of_any_odd_length_come_as_they_were(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind);
        foreach (var floats in new[] { 0, 1, 131_071, 131_072, 131_073, 400_001, 16_777_216 })
        {
            // A run of its own for each: its first vector is version 0, whose length the endpoint does not know; then the same length with a known one.
            var job = $"job of {floats}";
            float[] vector = Numbers(floats), into = new float[floats];
            var zero = VectorAddress.VersionZero(job, 1, "cpu:0");
            await pair.Link.Vectors.HandOverAsync(zero, Layout, vector, _cancellation);
            Assert.True(await pair.Endpoint.Vectors.TakeAsync(zero, Layout, into, _cancellation));
            Assert.True(vector.AsSpan().SequenceEqual(into));
            pair.Endpoint.Vectors.Publish(job, 1, 0, Layout, vector);
            Array.Clear(into);
            Assert.True(await pair.Link.Vectors.FetchAsync(job, 1, 0, Layout, into, _cancellation));
            Assert.True(vector.AsSpan().SequenceEqual(into));
            await pair.Link.Vectors.HandOverAsync(_address with { Job = job }, Layout, vector, _cancellation);
            Array.Clear(into);
            Assert.True(await pair.Endpoint.Vectors.TakeAsync(_address with { Job = job }, Layout, into, _cancellation));
            Assert.True(vector.AsSpan().SequenceEqual(into));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Many_workers_at_once_get_and_give_what_is_theirs(string kind)
    {
        const int Workers = 24, Floats = 150_000;
        await using var pair = await SocketPair.StartAsync(kind);
        for (var step = 0; step < 4; step++)
        {
            pair.Endpoint.Vectors.Publish("job", 1, step, Layout, Numbers(Floats, step));
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
            {
                var vector = new float[Floats];
                Assert.True(await pair.Link.Vectors.FetchAsync("job", 1, step, Layout, vector, _cancellation));
                Assert.True(vector.AsSpan().SequenceEqual(Numbers(Floats, step)));
                vector[0] = worker;
                await pair.Link.Vectors.HandOverAsync(_address with { Step = step, From = $"cpu:{worker}" }, Layout, vector, _cancellation);
            }));
            var into = new float[Floats];
            for (var worker = 0; worker < Workers; worker++)
            {
                Assert.True(await pair.Endpoint.Vectors.TakeAsync(_address with { Step = step, From = $"cpu:{worker}" }, Layout, into, _cancellation));
                Assert.Equal(worker, into[0]);
                Assert.True(into.AsSpan(1).SequenceEqual(Numbers(Floats, step).AsSpan(1)));
            }
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Thousands_of_transfers_need_no_more_buffers_and_connections_than_the_first(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind);
        var vector = new float[1_000];
        async Task StepsAsync(int first, int count)
        {
            for (var step = first; step < first + count; step++)
            {
                pair.Endpoint.Vectors.Publish("job", 1, step, Layout, vector);
                Assert.True(await pair.Link.Vectors.FetchAsync("job", 1, step, Layout, vector, _cancellation));
                await pair.Link.Vectors.HandOverAsync(_address with { Step = step }, Layout, vector, _cancellation);
                if (step % 3 == 0)
                    Assert.True(await pair.Endpoint.Vectors.TakeAsync(_address with { Step = step }, Layout, vector, _cancellation));
                pair.Endpoint.Vectors.ForgetBefore("job", 1, step + 1);
            }
        }
        await StepsAsync(0, 10);
        var (buffers, connections) = (pair.Endpoint.Channel.BuffersMade, pair.Endpoint.Connections);
        await StepsAsync(10, 2_000);
        Assert.Equal(buffers, pair.Endpoint.Channel.BuffersMade);
        Assert.Equal(1, connections);
        Assert.Equal(1, pair.Endpoint.Connections);
    }

    private static float[] Numbers(int floats, int seed = 0)
    {
        var numbers = new float[floats];
        for (var i = 0; i < floats; i++)
            numbers[i] = BitConverter.Int32BitsToSingle(unchecked((i + 31 * seed) * 0x9E37_79B) & 0x3FFF_FFFF);
        return numbers;
    }
}
