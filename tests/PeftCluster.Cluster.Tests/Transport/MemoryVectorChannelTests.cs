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
    public async Task The_newest_version_can_be_fetched_and_older_ones_not()
    {
        for (var version = 0; version < 4; version++)
            _channel.Publish("job", 1, version, Layout, [version]);
        var into = new float[1];
        Assert.False(await _channel.FetchAsync("job", 1, 2, Layout, into, TestContext.Current.CancellationToken));
        Assert.True(await _channel.FetchAsync("job", 1, 3, Layout, into, TestContext.Current.CancellationToken));
        Assert.Equal(3, into[0]);
        Assert.False(await _channel.FetchAsync("job", 2, 3, Layout, into, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_run_of_any_length_has_one_version_in_memory_besides_those_that_somebody_reads()
    {
        for (var version = 0; version < 9; version++)
            _channel.Publish("job", 1, version, Layout, new float[5]);
        Assert.Equal(1, _channel.BuffersMade);
        var read = _channel.Lend("job", 1, 8)!;
        _channel.Publish("job", 1, 9, Layout, [1, 1, 1, 1, 1]);
        Assert.Equal(2, _channel.BuffersMade);
        Assert.Equal([0, 0, 0, 0, 0], read.Vector);
        _channel.GiveBack(read);
        _channel.Publish("job", 1, 10, Layout, new float[5]);
        Assert.Equal(2, _channel.BuffersMade);
    }

    [Fact]
    public async Task A_version_is_fetched_when_as_many_have_it_as_were_told_of_it_or_it_is_gone()
    {
        var cancellation = TestContext.Current.CancellationToken;
        float[] adapter = [1, 2, 3], mine = new float[3];
        _channel.PublishInPlace("job", 1, 4, Layout, adapter);
        var fetched = _channel.FetchedAsync("job", 1, 4, times: 2);
        Assert.True(await _channel.FetchAsync("job", 1, 4, Layout, mine, cancellation));
        Assert.False(fetched.IsCompleted);
        Assert.True(await _channel.FetchAsync("job", 1, 4, Layout, mine, cancellation));
        await fetched.WaitAsync(TimeSpan.FromSeconds(30), cancellation);

        _channel.Withdraw("job", 1);
        await _channel.FetchedAsync("job", 1, 4, times: 9).WaitAsync(TimeSpan.FromSeconds(30), cancellation);
    }

    [Fact]
    public async Task A_version_published_in_place_is_fetched_from_there_and_its_memory_is_the_runs_again_unless_somebody_reads_it()
    {
        var (adapter, into) = (new float[] { 1, 2 }, new float[2]);
        _channel.PublishInPlace("job", 1, 4, Layout, adapter);
        Assert.True(await _channel.FetchAsync("job", 1, 4, Layout, into, TestContext.Current.CancellationToken));
        Assert.Equal([1, 2], into);
        Assert.True(_channel.Withdraw("job", 1));
        Assert.False(await _channel.FetchAsync("job", 1, 4, Layout, into, TestContext.Current.CancellationToken));
        Assert.Equal(0, _channel.BuffersMade);
        _channel.PublishInPlace("job", 1, 5, Layout, adapter);
        var read = _channel.Lend("job", 1, 5)!;
        Assert.False(_channel.Withdraw("job", 1));
        Assert.Null(_channel.Lend("job", 1, 5));
        _channel.GiveBack(read);
        Assert.Same(adapter, _channel.Rent(2));
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
