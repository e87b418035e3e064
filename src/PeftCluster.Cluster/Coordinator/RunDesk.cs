using System.Data.Common;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// Does the effects of a <see cref="StepMachine"/> that need numbers, vectors or files, off the actor's thread: numbers in one line, files in
/// another, so that the disk works behind the next step. Each answers with an input. A failure is an input as well.
/// </summary>
internal sealed class RunDesk(RunRequest request, RunStore store, RunPlace place, int totalSteps)
{
    private readonly IRunVectors _vectors = place.Vectors;
    private readonly SerialLine _numbers = new();
    private readonly SerialLine _disk = new();
    private RunArithmetic? _arithmetic;
    private float[] _arrived = [];

    public RunStore Store => store;

    private RunArithmetic Arithmetic => _arithmetic ?? throw new InvalidOperationException("no worker has told the layout yet");

    /// <summary>The first ready worker tells the layout.</summary>
    public void Use(VectorLayout layout)
    {
        _arithmetic = new RunArithmetic(request.Job, store.Digest, layout, totalSteps, request.Disturbance?.SumInOrderOfArrival ?? false);
        _arrived = new float[layout.Length];
    }

    /// <summary>Reads the earlier attempt; the warnings are what was damaged.</summary>
    public Task<(RunInput Input, IReadOnlyList<string> Warnings)> RestoreAsync() => _disk.Post<(RunInput, IReadOnlyList<string>)>(() =>
    {
        try
        {
            var restored = store.Restore(Arithmetic.Layout);
            if (restored.State is not { } state)
                return (new RunInput.Restored(null, []), restored.Warnings);
            Arithmetic.BeginAt(state, restored.Chain);
            store.Begin(state.Version, restored.Chain);
            Publish();
            return (new RunInput.Restored(state.Version, restored.Decisions), restored.Warnings);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            return (Broke(broken), []);
        }
    });

    /// <summary>Takes version 0 from the worker that computed it.</summary>
    public Task<RunInput> VersionZeroAsync(string worker) => GuardAsync(_numbers, async () =>
    {
        var address = VectorAddress.VersionZero(request.RunId, store.Attempt, worker);
        if (!await _vectors.TakeAsync(address, Arithmetic.Layout.Hash, _arrived, CancellationToken.None))
            return new RunInput.WorkerLost(worker, "its version 0 is not in the channel");
        Arithmetic.BeginAt(_arrived);
        await _disk.Post(() => Begun(0, Arithmetic.Chain));
        Publish();
        return new RunInput.VersionZeroCame(worker);
    });

    /// <summary>Takes a node's vector and adds it.</summary>
    public Task<RunInput> AddAsync(RunEffect.AddNode add) => GuardAsync(_numbers, async () =>
    {
        var address = new VectorAddress(request.RunId, store.Attempt, add.Step, add.Node, add.Worker);
        var (came, fits) = (false, false);
        void Add(ReadOnlyMemory<float> vector)
        {
            (came, fits) = (true, RunArithmetic.Fits(add.Node, add.LeafHashes, vector.Span));
            if (fits)
                Arithmetic.Add(add.Node, add.LeafHashes, vector.Span);
        }
        try
        {
            if (!await _vectors.TakeAsync(address, Arithmetic.Layout.Hash, Arithmetic.Layout.Length, Add, CancellationToken.None))
                return new RunInput.NodeSpoilt(add.Worker, add.Step, add.Node, $"{address} is not in the channel", add.Sum, IsGone: true);
        }
        catch (InvalidDataException wrong) when (!came)
        {
            return new RunInput.NodeSpoilt(add.Worker, add.Step, add.Node, wrong.Message, add.Sum);
        }
        return fits
            ? new RunInput.NodeAdded(add.Worker, add.Step, add.Node, add.Sum)
            : new RunInput.NodeSpoilt(add.Worker, add.Step, add.Node, $"{address} is not the vector whose hash it told", add.Sum);
    });

    /// <summary>Empties the step's sum, after all that was posted before.</summary>
    public Task<RunInput> ResetAsync() => GuardAsync(_numbers, () =>
    {
        Arithmetic.Reset();
        return Task.FromResult<RunInput>(new RunInput.Ticked());
    });

    public Task<RunInput> CheckAsync(int step) =>
        GuardAsync(_numbers, () => Task.FromResult<RunInput>(new RunInput.Checked(step, Arithmetic.Norm())));

    public Task<RunInput> UpdateAsync(int step) => GuardAsync(_numbers, () =>
    {
        var update = Arithmetic.Update();
        Publish();
        _vectors.ForgetBefore(request.RunId, store.Attempt, step + 1);
        return Task.FromResult<RunInput>(new RunInput.Updated(step, update.Scalars.LearningRate));
    });

    /// <summary>Makes the record in the line of numbers, writes it in the line of files.</summary>
    public async Task<RunInput> KeepRecordAsync(StepSummary summary)
    {
        Task<RunInput>? written = null;
        var made = await GuardAsync(_numbers, () =>
        {
            var (record, gradient) = Arithmetic.Commit(summary);
            written = GuardAsync(_disk, () =>
            {
                store.Append(summary.Plan.Step, record, gradient);
                Arithmetic.Written(gradient);
                return Task.FromResult<RunInput>(new RunInput.RecordKept(summary.Plan.Step));
            });
            return Task.FromResult<RunInput>(new RunInput.Ticked());
        });
        return written is null ? made : await written;
    }

    /// <summary>Copies the version in hand, then writes it.</summary>
    public async Task<RunInput> KeepSnapshotAsync(int version)
    {
        Task<RunInput>? written = null;
        var copied = await GuardAsync(_numbers, () =>
        {
            var snapshot = Arithmetic.Snapshot();
            written = GuardAsync(_disk, () => Task.FromResult<RunInput>(new RunInput.SnapshotKept(version, store.Write(snapshot))));
            return Task.FromResult<RunInput>(new RunInput.Ticked());
        });
        return written is null ? copied : await written;
    }

    /// <summary>Writes the version in hand as the best one. The machine makes no step before it is answered.</summary>
    public Task<RunInput> KeepBestAsync() => GuardAsync(_numbers, () =>
    {
        var best = Arithmetic.Best();
        return _disk.Post<RunInput>(() =>
        {
            var (name, sha256) = store.Best.Write(best);
            return new RunInput.BestKept(best.Version, name, sha256);
        });
    });

    public Task<RunInput> KeepDecisionsAsync(RunEffect.KeepDecisions keep) => GuardAsync(_numbers, () =>
    {
        var frame = Arithmetic.Close(keep.Decisions);
        return _disk.Post<RunInput>(() =>
        {
            store.AppendLast(frame);
            return new RunInput.DecisionsKept(keep.Version);
        });
    });

    public Task<RunInput> PublishBestAsync(RunEffect.PublishBest publish) => GuardAsync(_disk, () =>
    {
        if (store.Best.Read(publish.Best) is not { } adapter)
            return Task.FromResult<RunInput>(new RunInput.Broke(
                EndReason.StorageFailed, $"{Path.Combine(request.Folder, publish.Best.File)}: damaged or gone, and it is the best version. Go on with --resume: it is computed again"));
        _vectors.Publish(request.RunId, store.Attempt, publish.Number, Arithmetic.Layout.Hash, adapter.Span);
        return Task.FromResult<RunInput>(new RunInput.BestPublished(publish.Number));
    });

    /// <summary>Takes the files that a worker has exported from the store and puts them into their place.</summary>
    public Task<RunInput> PublishExportAsync(string worker, Exported exported) => GuardAsync(_disk, async () =>
    {
        var folder = store.PrepareExport();
        foreach (var file in exported.Files)
        {
            if (!ContentName.IsFileName(file.Name))
                return new RunInput.WorkerFailed(worker, exported.Step, WorkerTask.Export, 0, $"it names a file \"{file.Name}\", which is no file name");
            try
            {
                await place.Content.FetchAsync(file.Sha256, Path.Combine(folder, file.Name), CancellationToken.None);
            }
            catch (Exception missing) when (missing is FileNotFoundException or InvalidDataException)
            {
                return new RunInput.WorkerFailed(worker, exported.Step, WorkerTask.Export, 0, $"{file.Name}: {missing.Message}");
            }
        }
        var (published, sha256) = store.PublishExport();
        return new RunInput.ExportCame(worker, published, sha256);
    });

    /// <summary>Lets the folder go, when all that was posted is written.</summary>
    public async Task CloseAsync()
    {
        await _numbers.Post(() => true);
        await _disk.Post(() =>
        {
            store.Dispose();
            return true;
        });
        _vectors.Forget(request.RunId, store.Attempt);
    }

    private bool Begun(int version, string chain)
    {
        store.Begin(version, chain);
        return true;
    }

    private void Publish() =>
        _vectors.Publish(request.RunId, store.Attempt, Arithmetic.State.Version, Arithmetic.Layout.Hash, Arithmetic.State.Adapter.Span);

    private Task<RunInput> GuardAsync(SerialLine line, Func<Task<RunInput>> work) => line.Post(async () =>
    {
        try
        {
            return await work();
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            return Broke(broken);
        }
    });

    private RunInput.Broke Broke(Exception broken) => broken is FencedException ? new RunInput.Broke(EndReason.Fenced, broken.Message)
        : broken is IOException or UnauthorizedAccessException ? new RunInput.Broke(EndReason.StorageFailed, $"{request.Folder}: cannot be written any more ({broken.Message.TrimEnd('.')}). Make room, then go on with --resume")
        : broken is DbException ? new RunInput.Broke(EndReason.StorageFailed, $"the job database cannot be asked who holds the run ({broken.Message.ReplaceLineEndings(" ").TrimEnd('.')})")
        : new RunInput.Broke(EndReason.InternalError, $"{broken.GetType().Name}: {broken.Message.ReplaceLineEndings(" ")}");
}
