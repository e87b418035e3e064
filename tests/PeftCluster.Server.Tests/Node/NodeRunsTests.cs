using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Tests.Node;

/// <summary>Whole runs over devices of a worker node, planned from the indexes alone.</summary>
public sealed class NodeRunsTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TwoMachines _machines = new();

    public void Dispose() => _machines.Dispose();

    [Fact]
    public async Task A_run_over_node_devices_ends_in_the_hash_of_the_one_process_run()
    {
        var job = _machines.Written("training.max_steps=6", "base.fetch=true");
        var wanted = await EmbeddedAsync(job);
        var parcel = await _machines.SubmitAsync(job);
        _machines.MoveModel("gone");

        var ended = await OverNodeAsync(job, parcel);

        Assert.Equal((JobPhase.Completed, wanted.AdapterSha256), (ended.Phase, ended.AdapterSha256));
    }

    [Fact]
    public async Task A_model_of_the_hub_cache_trains_in_one_process_too()
    {
        var wanted = await EmbeddedAsync(_machines.Written("training.max_steps=2"));
        Directory.CreateDirectory(_machines["client-hub/models--acme--tiny/refs"]);
        File.WriteAllText(_machines["client-hub/models--acme--tiny/refs/main"], "3f9c\n");
        _machines.MoveModel("client-hub/models--acme--tiny/snapshots/3f9c");

        var ended = await EmbeddedAsync(_machines.Written("training.max_steps=2", "model=acme/tiny", "output.folder=runs/hub"));

        Assert.Equal(wanted.AdapterSha256, ended.AdapterSha256);
    }

    [Fact]
    public async Task A_worker_with_another_base_is_left_out_with_the_reason()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        File.AppendAllText(_machines["base/config.json"], " ");

        var ended = await OverNodeAsync(_machines.Job, parcel);

        Assert.Equal((JobPhase.Failed, EndReason.BadInput), (ended.Phase, ended.End));
        Assert.Contains("(unlike: config.json). Copy the base, or set base.fetch: true.", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_coordinator_that_lacks_the_index_says_which_file_and_what_to_do()
    {
        var parcel = await _machines.SubmitAsync(_machines.Job);
        File.Delete(_machines.Store.PathOf(parcel.Reference.Files.Single(file => file.Name == "train.index")));
        var catalog = new RowCatalog(_machines.Node.Cache);

        var error = await Assert.ThrowsAsync<BadInputException>(() => catalog.OpenAsync(_machines.Request(_machines.Job, parcel), None));

        Assert.Matches(@"^data: train\.index \(.*\) could not be fetched from the run's store: content [0-9a-f]{64} is not there\. Submit the job again\.$", error.Message);
    }

    private async Task<RunEnded> EmbeddedAsync(JobSpec job)
    {
        await using var node = await EmbeddedNode.StartAsync(job, new NodeOptions { Workers = 2, Folders = _machines.Client }, None);
        var run = await node.SubmitAsync(job, "job.yaml", new SubmitOptions(), None);
        using var nobody = new RunWatchers([]);
        return (await run.WatchAsync(nobody)).Ended;
    }

    private async Task<RunEnded> OverNodeAsync(JobSpec job, JobParcel parcel)
    {
        var stock = new NodeStock(_machines.Node);
        var request = _machines.Request(job, parcel);
        var rows = await new RowCatalog(_machines.Node.Cache).OpenAsync(request, None);
        await using var cluster = await EmbeddedCluster.StartAsync(cancellation: None);
        for (var index = 0; index < 2; index++)
            cluster.AddWorker(new WithStore(TwoMachines.Device(stock, index), _machines.Store));
        var run = await cluster.SubmitAsync(
            new RunRequest("01JD0000000000000000000000", request.Job, rows.Train, rows.HeldOutRows, parcel.Reference, _machines["run-over-node"]), None);
        return await run.Ended;
    }

    /// <summary>An embedded cluster has a store of its own that nobody can push to; this puts the test's in its place.</summary>
    private sealed class WithStore(IStepSourceFactory inner, IContentSource store) : IStepSourceFactory
    {
        public string Device => inner.Device;

        public string NumericClass => inner.NumericClass;

        public Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation) => inner.OpenAsync(request with { Content = store }, cancellation);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
