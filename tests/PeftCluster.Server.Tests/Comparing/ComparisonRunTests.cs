using PeftCluster.Acceptance.Tests.Worlds;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Comparison;
using PeftCluster.Server.Comparing;
using PeftCluster.Server.Node;

namespace PeftCluster.Server.Tests.Comparing;

/// <summary>A comparison over runs that end as a test says: nothing is trained.</summary>
public sealed class ComparisonRunTests : IDisposable
{
    private const string Comparison = """
        job: { model: base, data: { train: train.jsonl, eval: heldout.jsonl, max_length: 64 } }
        methods: [{ method: { type: lora, target_modules: [q_proj] } }, { method: { type: ia3 } }]
        seeds: 0-1
        """;

    private readonly TinyWorld _world = TinyWorld.Create();
    private readonly List<string> _submitted = [];

    [Fact]
    public async Task A_job_that_fails_is_told_with_its_reason_and_the_others_go_on()
    {
        var table = await RunAsync(job => job.Method is LoraSpec && job.Training.Seed == 1 ? Failed : Completed);

        Assert.Equal([new FailedArm("lora", 1, "worker 1 and worker 2 both failed")], table.Failed);
        Assert.Equal([("lora", 1), ("ia3", 2)], table.Rows.Select(row => (row.Arm, row.Seeds.Count)));
    }

    [Fact]
    public async Task A_job_that_failed_is_tried_again_the_next_time_and_only_that_one()
    {
        await RunAsync(job => job.Method is LoraSpec && job.Training.Seed == 1 ? Failed : Completed);
        _submitted.Clear();

        var table = await RunAsync(_ => Completed);

        Assert.Empty(table.Failed);
        Assert.Equal("lora 1", Assert.Single(_submitted));
    }

    public void Dispose() => _world.Dispose();

    private static RunEvent[] Completed => [SampleRun.Started(), SampleRun.Measured(true, 0, 0.5), SampleRun.Ended()];

    private static RunEvent[] Failed => [SampleRun.Started(), SampleRun.Ended(JobPhase.Failed, 3)];

    private async Task<ComparisonTable> RunAsync(Func<JobSpec, RunEvent[]> runs)
    {
        var spec = ComparisonFile.Parse(Comparison, "compare.yaml", _world.Folder, []);
        var settings = new ComparisonRun.Settings(
            (_, _) => Task.FromResult<IRunPlace>(new Place(runs, _submitted)), new NodeFolders { Cache = _world["cache"] }, TimeProvider.System);
        return await new ComparisonRun(spec, settings).RunAsync("compare.yaml", _ => { }, TestContext.Current.CancellationToken);
    }

    private sealed class Place(Func<JobSpec, RunEvent[]> runs, List<string> submitted) : IRunPlace
    {
        public Task<NodeRun> SubmitAsync(JobSpec job, string jobPath, SubmitOptions options, CancellationToken cancellation)
        {
            submitted.Add($"{job.Method.Type} {job.Training.Seed}");
            Directory.CreateDirectory(job.Output.Folder);
            var header = SampleRun.Header(job.Output.Folder) with { Job = job };
            return Task.FromResult(new NodeRun(new Played([.. runs(job)], 1), header, TimeProvider.System, TimeProvider.System.GetUtcNow()));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
