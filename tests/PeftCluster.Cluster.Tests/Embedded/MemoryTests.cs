using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Embedded;

/// <summary>Nothing runs beside these: the memory of the whole process is measured.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    [Fact]
    public async Task A_run_holds_no_more_memory_after_a_thousand_steps_than_after_two_hundred()
    {
        using var folder = new TestFolder();
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken);
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:0"));
        cluster.AddWorker(new ArithmeticSourceFactory("cpu:1"));
        var handle = await cluster.SubmitAsync(TestRuns.Request(folder.Path, TestRuns.Job(steps: 1_000, saveSteps: 100)), TestContext.Current.CancellationToken);
        long early = 0, late = 0;
        await foreach (var happened in handle.Events.WithCancellation(TestContext.Current.CancellationToken))
        {
            if (happened is StepCommitted { Step: 200 })
                early = GC.GetTotalMemory(forceFullCollection: true);
            if (happened is StepCommitted { Step: 990 })
                late = GC.GetTotalMemory(forceFullCollection: true);
        }
        Assert.InRange(late - early, long.MinValue, 1_000_000);
        Assert.True(early > 0);
    }
}
