using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Tests.Embedded;

/// <summary>Whole runs through the real actors, over made-up arithmetic.</summary>
public sealed class EmbeddedRunTests
{
    [Fact]
    public async Task A_run_computes_all_its_steps_measures_and_exports()
    {
        using var folder = new TestFolder();

        var (ended, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path), workers: 2);

        Assert.Equal(JobPhase.Completed, ended.Phase);
        Assert.Equal(EndReason.AllStepsDone, ended.End);
        Assert.Equal(12, ended.Steps);
        Assert.Equal(Enumerable.Range(0, 12), events.OfType<StepCommitted>().Select(step => step.Step));
        Assert.Equal(
            [new EvaluationTarget(false, 0), new EvaluationTarget(false, 1), new EvaluationTarget(true, 0)],
            events.OfType<EvaluationDone>().Select(done => done.Target));
        Assert.All(events.OfType<EvaluationDone>(), done => Assert.Equal(TestRuns.HeldOutRows, done.Metrics.Rows));
        Assert.Equal(["cpu:0", "cpu:1"], events.OfType<RunStarted>().Single().Workers);
        Assert.All(events.OfType<StepCommitted>(), step => Assert.Equal([0, 1, 2, 3], step.Workers.SelectMany(worker => worker.Shards).Order()));
        Assert.Equal(Path.Combine(folder.Path, "adapter"), ended.AdapterFolder);
        Assert.True(File.Exists(Path.Combine(ended.AdapterFolder!, "adapter_model.safetensors")));
        Assert.Equal(64, ended.AdapterSha256!.Length);
        Assert.True(events.OfType<StepCommitted>().Last().Loss < events.OfType<StepCommitted>().First().Loss);
        Assert.IsType<RunEnded>(events[^1]);
    }

    [Fact]
    public async Task The_adapter_has_the_same_bits_with_any_number_of_workers_and_under_disturbed_messages()
    {
        var hashes = new HashSet<string?>();
        foreach (var (workers, disturbance) in new (int, Disturbance?)[] { (1, null), (2, null), (3, null), (4, null), (2, new(1)), (3, new(2)), (4, new(3)) })
        {
            using var folder = new TestFolder();
            var (ended, _) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, TestRuns.Job(steps: 6), disturbance: disturbance), workers);
            hashes.Add(ended.AdapterSha256);
        }
        Assert.Single(hashes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Adding_in_order_of_arrival_is_found_out(int workers)
    {
        var hashes = new HashSet<string?>();
        for (var seed = 1; seed <= 4; seed++)
        {
            using var folder = new TestFolder();
            var request = TestRuns.Request(folder.Path, TestRuns.Job(steps: 6, shards: 8), disturbance: new Disturbance(seed, SumInOrderOfArrival: true));
            hashes.Add((await TestRuns.RunAsync(request, workers)).Ended.AdapterSha256);
        }
        Assert.True(hashes.Count > 1);
    }
}
