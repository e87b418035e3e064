using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// Does the effects of a <see cref="StepMachine"/> that need numbers, vectors or files, in <see cref="RunLines"/>. Each answers with an input.
/// A failure is an input as well.
/// </summary>
internal sealed class RunDesk(RunRequest request, RunStore store, RunPlace place, int totalSteps)
{
    // A version that nobody fetches, the last one or one whose workers are gone, delays its record by no more than this.
    private static readonly TimeSpan _fetching = TimeSpan.FromMilliseconds(50);

    // Who has been given the last bytes of a version still reads and checks them: so many floats a second.
    private const double FloatsRead = 1e8;

    // A shorter time is not worth a timer.
    private static readonly TimeSpan _noticed = TimeSpan.FromMilliseconds(1);

    private readonly IRunVectors _vectors = place.Vectors;
    private readonly RunLines _lines = new(request.Folder);
    private SourceDescription? _source;
    private RunArithmetic? _arithmetic;
    private Task _snapshot = Task.CompletedTask;

    public RunStore Store => store;

    private RunArithmetic Arithmetic => _arithmetic ?? throw new InvalidOperationException("no worker has told the layout yet");

    /// <summary>The first ready worker tells what is trained.</summary>
    public void Use(SourceDescription source)
    {
        _source = source;
        _arithmetic = new RunArithmetic(request.Job, store.Digest, source, totalSteps, request.Disturbance?.SumInOrderOfArrival ?? false);
        _vectors.Expect(request.RunId, store.Attempt, source.Layout.Hash, source.Layout.Length);
    }

    /// <summary>Reads the earlier attempt; the warnings are what was damaged.</summary>
    public Task<(RunInput Input, IReadOnlyList<string> Warnings)> RestoreAsync() => _lines.Files.Post<(RunInput, IReadOnlyList<string>)>(() =>
    {
        try
        {
            var restored = store.Restore(_source!);
            if (restored.State is not { } state)
                return (new RunInput.Restored(null, []), restored.Warnings);
            Arithmetic.BeginAt(state, restored.Chain);
            store.Begin(state.Version, restored.Chain);
            Publish();
            return (new RunInput.Restored(state.Version, restored.Decisions), restored.Warnings);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            return (_lines.Broke(broken), []);
        }
    });

    /// <summary>Takes version 0 from the worker that computed it.</summary>
    public Task<RunInput> VersionZeroAsync(string worker) => _lines.NumbersAsync(async () =>
    {
        var address = VectorAddress.VersionZero(request.RunId, store.Attempt, worker);
        if (!await _vectors.TakeAsync(address, Arithmetic.Layout.Hash, Arithmetic.Layout.Length, (vector, _) =>
        {
            Arithmetic.BeginAt(vector);
            return vector;
        }, CancellationToken.None))
            return new RunInput.WorkerLost(worker, "its version 0 is not in the channel");
        await _lines.Files.Post(() => Begun(0, Arithmetic.Chain));
        Publish();
        return new RunInput.VersionZeroCame(worker);
    });

    /// <summary>Takes a node's vector and adds it.</summary>
    public Task<RunInput> AddAsync(RunEffect.AddNode add) => _lines.NumbersAsync(async () =>
    {
        var address = new VectorAddress(request.RunId, store.Attempt, add.Step, add.Node, add.Worker);
        var (came, fits) = (false, false);
        float[]? Add(float[] vector, UInt128? leafHash)
        {
            (came, fits) = (true, RunArithmetic.Fits(add.Node, add.LeafHashes, vector, leafHash));
            return fits ? Arithmetic.Add(add.Node, add.LeafHashes, vector) : vector;
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
        while (Arithmetic.Spare() is { } free)
            _vectors.Free(free);
        return fits
            ? new RunInput.NodeAdded(add.Worker, add.Step, add.Node, add.Sum)
            : new RunInput.NodeSpoilt(add.Worker, add.Step, add.Node, $"{address} is not the vector whose hash it told", add.Sum);
    });

    /// <summary>Empties the step's sum, after all that was posted before. Nobody waits for it, so its answer says nothing.</summary>
    public Task<RunInput> ResetAsync() => _lines.NumbersAsync(() =>
    {
        Arithmetic.Reset();
        return new RunInput.Ticked();
    });

    public Task<RunInput> CheckAsync(int step) =>
        _lines.NumbersAsync(() => new RunInput.Checked(step, Arithmetic.Norm()));

    public Task<RunInput> UpdateAsync(int step, double norm)
    {
        var snapshot = _snapshot;
        return _lines.NumbersAsync(async () =>
        {
            await snapshot;
            // The version is fetched from where it lies. Whoever fetches it still, though the step is over, keeps the memory.
            if (!_vectors.Withdraw(request.RunId, store.Attempt))
                Arithmetic.State.LeaveMemory();
            var update = Arithmetic.Update(norm);
            Publish();
            _vectors.ForgetBefore(request.RunId, store.Attempt, step + 1);
            return (RunInput)new RunInput.Updated(step, update.Scalars.LearningRate);
        });
    }

    /// <summary>
    /// Writes the record of the step that was computed. Workers have just been told of its version: their fetching comes first, since a
    /// gradient is as long and the disk would take its processor from them.
    /// </summary>
    public Task<RunInput> KeepRecordAsync(StepSummary summary) => _lines.KeepAsync(() => Arithmetic.Commit(summary), async made =>
    {
        var workers = summary.Leaves.Select(leaf => leaf.Worker).Distinct().Count();
        await _vectors.FetchedAsync(request.RunId, store.Attempt, summary.Plan.Step + 1, workers).WaitAsync(_fetching, place.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var reading = TimeSpan.FromSeconds(Arithmetic.Layout.Length / FloatsRead);
        if (made.IsKept && reading >= _noticed)
            await Task.Delay(reading < _fetching ? reading : _fetching, place.Time);
        store.Append(summary.Plan.Step, made.Record, made.IsKept ? new SummedGradient(summary.Plan.Step, Arithmetic.Layout.Hash, made.Gradient) : null);
        _vectors.Free(made.Gradient);
        return (RunInput)new RunInput.RecordKept(summary.Plan.Step);
    });

    /// <summary>Writes the version in hand from where it lies, while workers compute: the next update waits for it.</summary>
    public Task<RunInput> KeepSnapshotAsync(int version)
    {
        var written = _lines.KeepAsync(() => Arithmetic.Snapshot(), snapshot => Task.FromResult<RunInput>(new RunInput.SnapshotKept(version, store.Write(snapshot))));
        _snapshot = written;
        return written;
    }

    /// <summary>Writes the version in hand as the best one. The machine makes no step before it is answered.</summary>
    public Task<RunInput> KeepBestAsync() => _lines.NumbersAsync(() =>
    {
        var best = Arithmetic.Best();
        return _lines.Files.Post<RunInput>(() =>
        {
            var (name, sha256) = store.Best.Write(best);
            return new RunInput.BestKept(best.Version, name, sha256);
        });
    });

    public Task<RunInput> KeepDecisionsAsync(RunEffect.KeepDecisions keep) => _lines.NumbersAsync(() =>
    {
        var frame = Arithmetic.Close(keep.Decisions);
        return _lines.Files.Post<RunInput>(() =>
        {
            store.AppendLast(frame);
            return new RunInput.DecisionsKept(keep.Version);
        });
    });

    /// <summary>Publishes what is measured or exported where that is not the version in hand.</summary>
    public Task<RunInput> PublishResultAsync(RunEffect.PublishResult result) => result.Best is { } best
        ? _lines.FilesAsync(() => store.Best.Read(best) is { } adapter ? (RunInput)Published(result, adapter) : new RunInput.Broke(
            EndReason.StorageFailed, $"{Path.Combine(request.Folder, best.File)}: damaged or gone, and it is the best version. Go on with --resume: it is computed again"))
        : _lines.NumbersAsync(() => Published(result, Arithmetic.State.Result));

    /// <summary>Takes the files that a worker has exported from the store and puts them into their place.</summary>
    public Task<RunInput> PublishExportAsync(string worker, Exported exported) => _lines.FilesAsync(async () =>
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
        await _lines.Numbers.Post(() => true);
        await _lines.Files.Post(() =>
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

    private RunInput.ResultPublished Published(RunEffect.PublishResult result, ReadOnlyMemory<float> adapter)
    {
        _vectors.Publish(request.RunId, store.Attempt, result.Number, Arithmetic.Layout.Hash, adapter.Span);
        return new RunInput.ResultPublished(result.Number);
    }

    private void Publish() =>
        _vectors.PublishInPlace(request.RunId, store.Attempt, Arithmetic.State.Version, Arithmetic.Layout.Hash, Arithmetic.State.Memory);
}
