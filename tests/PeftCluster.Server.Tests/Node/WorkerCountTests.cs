using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;

namespace PeftCluster.Server.Tests.Node;

public sealed class WorkerCountTests
{
    [Theory]
    [InlineData(8, 1, 4, 4)] // no more than micro-batches
    [InlineData(2, 1, 4, 2)]
    [InlineData(8, 4, 4, 2)] // cores ÷ threads
    [InlineData(1, 4, 4, 1)] // at least one
    public void The_default_is_cores_over_threads_within_the_micro_batches(int cores, int threads, int microBatches, int workers) =>
        Assert.Equal(workers, WorkerCount.Of(Job(null, threads, microBatches), cores));

    [Theory]
    [InlineData(1, 3, 3)]
    [InlineData(1, 9, 4)] // more would have nothing to do
    [InlineData(6, 9, 6)] // but what is asked for is given
    public void A_range_gives_its_most_that_helps(int min, int max, int workers) =>
        Assert.Equal(workers, WorkerCount.Of(Job(new WorkersRange(min, max), 1, 4), cores: 2));

    [Fact]
    public void Fewer_devices_than_the_job_needs_are_refused_with_both_numbers()
    {
        var error = Assert.Throws<BadInputException>(() => WorkerCount.Check(Job(new WorkersRange(3, 4), 1, 4), devices: 1));

        Assert.Contains("at least 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("gives 1 here", error.Message, StringComparison.Ordinal);
    }

    private static JobSpec Job(WorkersRange? workers, int threads, int microBatches)
    {
        var job = SampleRun.Header("/runs/x").Job;
        return job with
        {
            Training = job.Training with { MicroBatches = microBatches },
            Resources = job.Resources with { Workers = workers, Threads = threads },
        };
    }
}
