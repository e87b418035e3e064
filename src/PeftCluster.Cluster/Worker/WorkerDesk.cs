using System.Diagnostics;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Worker;

/// <summary>
/// Does what a <see cref="WorkerMachine"/> starts: calls the source, moves vectors, measures time. One item at a time; it knows nothing of
/// actors, and the simulator uses it as it is.
/// </summary>
/// <param name="device">Opens sources.</param>
/// <param name="links">The ways to the coordinators of its runs.</param>
/// <param name="time">Measures how long a leaf takes.</param>
public sealed class WorkerDesk(IStepSourceFactory device, ICoordinatorLinks links, TimeProvider time) : IAsyncDisposable
{
    private const int LongVector = 65_536;

    private readonly Dictionary<AssignmentKey, OpenJob> _jobs = [];
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>The device's name.</summary>
    public string Device => device.Device;

    /// <summary>The device's numeric class.</summary>
    public string NumericClass => device.NumericClass;

    /// <summary>Does an item to its end. Throws nothing.</summary>
    public async Task<WorkOutcome> DoAsync(WorkItem item, CancellationToken cancellation)
    {
        // One at a time, also when the actor that asks was started anew and the one before it had an item in hand.
        await _one.WaitAsync(CancellationToken.None);
        try
        {
            return item switch
            {
                WorkItem.Open open => await OpenAsync(open, cancellation),
                WorkItem.VersionZero zero => await VersionZeroAsync(_jobs[item.Key], zero, cancellation),
                WorkItem.Leaf leaf => await LeafAsync(_jobs[item.Key], leaf, cancellation),
                WorkItem.Sum sum => await SumAsync(_jobs[item.Key], sum, cancellation),
                WorkItem.Batch batch => await BatchAsync(_jobs[item.Key], batch, cancellation),
                WorkItem.Files files => await FilesAsync(_jobs[item.Key], files, cancellation),
                WorkItem.Close => await CloseAsync(item.Key),
                _ => throw new UnreachableException($"no way to do {item.GetType().Name}"),
            };
        }
        catch (OperationCanceledException)
        {
            return new WorkOutcome.Dropped();
        }
        catch (BadInputException mistake)
        {
            return new WorkOutcome.Broken(mistake.Message, IsBadInput: true);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            return new WorkOutcome.Broken($"{broken.GetType().Name}: {broken.Message.ReplaceLineEndings(" ")}");
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var job in _jobs.Values)
            await job.Source.DisposeAsync();
        _jobs.Clear();
        _one.Dispose();
        await device.DisposeAsync();
    }

    private async Task<WorkOutcome> OpenAsync(WorkItem.Open open, CancellationToken cancellation)
    {
        var job = JobFile.Parse(open.Assign.JobYaml, "job.yaml", Environment.CurrentDirectory, []);
        // An actor that was started anew does not know what the one before it opened.
        await CloseAsync(open.Key);
        var link = links.To(open.Assign.Endpoint);
        var source = await device.OpenAsync(new SourceRequest(job, open.Assign.Data, link.Content), cancellation);
        var description = await source.DescribeAsync(cancellation);
        _jobs.Add(open.Key, new OpenJob(source, description, link));
        return new WorkOutcome.Done(new Ready(open.Key.Job, open.Key.Attempt, open.Step, device.NumericClass, WireDescription.Of(description)));
    }

    private async Task<WorkOutcome> VersionZeroAsync(OpenJob job, WorkItem.VersionZero zero, CancellationToken cancellation)
    {
        var (id, attempt) = zero.Key;
        var version = new float[job.Layout.Length];
        await job.Source.InitialiseAsync(version, cancellation);
        await job.Link.Vectors.HandOverAsync(VectorAddress.VersionZero(id, attempt, Device), job.Layout.Hash, version, cancellation);
        return new WorkOutcome.Done(new Initialised(id, attempt, zero.Step));
    }

    private async Task<WorkOutcome> LeafAsync(OpenJob job, WorkItem.Leaf leaf, CancellationToken cancellation)
    {
        var (id, attempt) = leaf.Key;
        if (!await job.FetchAsync(leaf.Key, leaf.Step, cancellation))
            return new WorkOutcome.Dropped();
        job.Leaves.At(leaf.Step);
        var gradient = job.Leaves.Rent();
        try
        {
            var started = time.GetTimestamp();
            var batch = leaf.Work.MicroBatches.First(batch => batch.Shard == leaf.Shard);
            var result = await job.Source.GradientAsync(new GradientWork(leaf.Step, batch, leaf.Work.Denominator, leaf.Work.Choices), job.Adapter, gradient, cancellation);
            var milliseconds = time.GetElapsedTime(started).TotalMilliseconds;
            var hash = LeafHash.Of(gradient);
            var finite = double.IsFinite(result.LossSum) && Finite.All(gradient);
            job.Leaves.Keep(leaf.Shard, gradient, hash);
            return new WorkOutcome.Done(new LeafDone(id, attempt, leaf.Step, leaf.Shard, hash, finite, result, milliseconds));
        }
        catch
        {
            job.Leaves.Return(gradient);
            throw;
        }
    }

    private async Task<WorkOutcome> SumAsync(OpenJob job, WorkItem.Sum sum, CancellationToken cancellation)
    {
        var (id, attempt) = sum.Key;
        var tree = new ReductionTree(sum.Shards);
        var (first, end) = tree.Leaves(sum.Node);
        UInt128[] hashes = [.. Enumerable.Range(first, end - first).Select(job.Leaves.HashOf)];
        // Long vectors on the pool: a message must not wait for their addition.
        var vector = job.Layout.Length < LongVector
            ? job.Leaves.Sum(tree, sum.Node)
            : await Task.Run(() => job.Leaves.Sum(tree, sum.Node), cancellation);
        try
        {
            await job.Link.Vectors.HandOverAsync(new VectorAddress(id, attempt, sum.Step, sum.Node, Device), job.Layout.Hash, vector, hashes is [var leaf] ? leaf : null, cancellation);
        }
        finally
        {
            job.Leaves.Return(vector);
        }
        return new WorkOutcome.Done(new NodeSum(id, attempt, sum.Step, sum.Node, hashes));
    }

    private async Task<WorkOutcome> BatchAsync(OpenJob job, WorkItem.Batch batch, CancellationToken cancellation)
    {
        var (id, attempt) = batch.Key;
        var work = batch.Work;
        if (work.WithAdapter && !await job.FetchAsync(batch.Key, work.Step, cancellation))
            return new WorkOutcome.Dropped();
        var started = time.GetTimestamp();
        var rows = await job.Source.EvaluateAsync(
            new EvaluationWork(work.Rows, work.Shots) { Measurement = work.Measurement }, work.WithAdapter ? job.Adapter : (ReadOnlyMemory<float>?)null, cancellation);
        return new WorkOutcome.Done(new Evaluated(id, attempt, work.Step, work.Measurement, work.Batch, rows, time.GetElapsedTime(started).TotalMilliseconds));
    }

    private static async Task<WorkOutcome> FilesAsync(OpenJob job, WorkItem.Files files, CancellationToken cancellation)
    {
        if (!await job.FetchAsync(files.Key, files.Step, cancellation))
            return new WorkOutcome.Dropped();
        var folder = Directory.CreateTempSubdirectory("peft-export-").FullName;
        try
        {
            await job.Source.ExportAsync(job.Adapter, folder, cancellation);
            var put = new List<DataFile>();
            foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
                put.Add(new DataFile(Path.GetFileName(path), await job.Link.Content.PutAsync(path, cancellation), new FileInfo(path).Length));
            return new WorkOutcome.Done(new Exported(files.Key.Job, files.Key.Attempt, files.Step, put));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<WorkOutcome> CloseAsync(AssignmentKey key)
    {
        if (_jobs.Remove(key, out var job))
            await job.Source.DisposeAsync();
        return new WorkOutcome.Done(null);
    }
}
