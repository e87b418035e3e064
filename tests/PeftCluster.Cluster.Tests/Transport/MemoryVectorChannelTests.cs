using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Tests.Transport;

public sealed class MemoryVectorChannelTests
{
    private const string Layout = "layout";
    private static readonly VectorAddress _address = new("job", 1, 3, new TreeNode(1, 0), "cpu:0");
    private readonly MemoryVectorChannel _channel = new();

    [Fact]
    public async Task A_vector_is_taken_once_as_it_was_when_it_was_handed_over()
    {
        float[] vector = [1, 2, 3], into = new float[3];
        await _channel.HandOverAsync(_address, Layout, vector, TestContext.Current.CancellationToken);
        vector[0] = 9;
        Assert.True(await _channel.TakeAsync(_address, Layout, into, TestContext.Current.CancellationToken));
        Assert.Equal([1, 2, 3], into);
        Assert.False(await _channel.TakeAsync(_address, Layout, into, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Another_layout_or_length_is_refused_by_name()
    {
        await _channel.HandOverAsync(_address, Layout, new float[3], TestContext.Current.CancellationToken);
        var layout = await Assert.ThrowsAsync<InvalidDataException>(() => _channel.TakeAsync(_address, "other", new float[3], TestContext.Current.CancellationToken));
        Assert.Equal("node 1/0 of step 3 from cpu:0 (run job, attempt 1): its layout has hash layout, this run's has other", layout.Message);
        await _channel.HandOverAsync(_address, Layout, new float[3], TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidDataException>(() => _channel.TakeAsync(_address, Layout, new float[4], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_two_newest_versions_can_be_fetched_and_older_ones_not()
    {
        for (var version = 0; version < 4; version++)
            _channel.Publish("job", 1, version, Layout, [version]);
        var into = new float[1];
        Assert.False(await _channel.FetchAsync("job", 1, 1, Layout, into, TestContext.Current.CancellationToken));
        Assert.True(await _channel.FetchAsync("job", 1, 2, Layout, into, TestContext.Current.CancellationToken));
        Assert.Equal(2, into[0]);
        Assert.True(await _channel.FetchAsync("job", 1, 3, Layout, into, TestContext.Current.CancellationToken));
        Assert.Equal(3, into[0]);
        Assert.False(await _channel.FetchAsync("job", 2, 3, Layout, into, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Vectors_of_past_steps_and_of_an_ended_attempt_are_forgotten()
    {
        await _channel.HandOverAsync(_address, Layout, new float[1], TestContext.Current.CancellationToken);
        await _channel.HandOverAsync(_address with { Step = 4 }, Layout, new float[1], TestContext.Current.CancellationToken);
        _channel.ForgetBefore("job", 1, 4);
        Assert.False(await _channel.TakeAsync(_address, Layout, new float[1], TestContext.Current.CancellationToken));
        _channel.Forget("job", 1);
        Assert.False(await _channel.TakeAsync(_address with { Step = 4 }, Layout, new float[1], TestContext.Current.CancellationToken));
    }
}
