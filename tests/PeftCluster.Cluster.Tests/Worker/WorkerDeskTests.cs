using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Cluster.Worker;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Worker;

public sealed class WorkerDeskTests : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TestFolder _folder = new();
    private readonly GatedFactory _device = new("cpu:0", step: 0);
    private readonly MemoryVectorChannel _vectors = new();
    private readonly WorkerDesk _desk;

    public WorkerDeskTests() => _desk = new WorkerDesk(_device, new LocalLink(_vectors, new ContentFolder(_folder.Path)), TimeProvider.System);

    [Fact]
    public async Task A_job_that_an_actor_before_this_one_left_open_is_opened_anew()
    {
        Assert.IsType<Ready>(Assert.IsType<WorkOutcome.Done>(await _desk.DoAsync(Open(), None)).Answer);
        Assert.IsType<Ready>(Assert.IsType<WorkOutcome.Done>(await _desk.DoAsync(Open(), None)).Answer);
    }

    [Fact]
    public async Task Items_never_run_beside_each_other_whoever_asks()
    {
        await _desk.DoAsync(Open(), None);
        _vectors.Publish("job", 1, 0, new ArithmeticShape().Layout.Hash, new float[new ArithmeticShape().Layout.Length]);
        var work = new StepWork("job", 1, 0, 1, [new Steps.Plan.MicroBatch(0, [0], 8, 2, 6)], 2, Again: false);
        var first = _desk.DoAsync(new WorkItem.Leaf(new AssignmentKey("job", 1), 0, work, 0), None);
        await _device.Reached.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
        var second = _desk.DoAsync(Open(), None);
        Assert.False(second.IsCompleted);
        _device.Open();
        Assert.IsType<LeafDone>(Assert.IsType<WorkOutcome.Done>(await first).Answer);
        Assert.IsType<Ready>(Assert.IsType<WorkOutcome.Done>(await second).Answer);
    }

    public async ValueTask DisposeAsync()
    {
        await _desk.DisposeAsync();
        _folder.Dispose();
    }

    private static WorkItem.Open Open() =>
        new(new AssignmentKey("job", 1), 0, new Assign("job", 1, 0, JobFile.Write(TestRuns.Job()), DataReference.Own("data"), ""));
}
