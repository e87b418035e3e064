using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Prepared;

/// <summary>A job's prepared data on a machine that has not prepared it. See <see cref="PreparedCache"/> for where its files lie.</summary>
public sealed class FetchedData : IDisposable
{
    private readonly FetchedSet _train;
    private readonly FetchedSet? _heldOut;

    internal FetchedData(FetchedSet train, FetchedSet? heldOut) => (_train, _heldOut) = (train, heldOut);

    /// <summary>The training rows; those can be read whose shard was asked for.</summary>
    public PreparedRows Train => _train.Rows;

    /// <summary>The held-out rows, or null without data.eval; they can be read after <see cref="NeedHeldOutAsync"/>.</summary>
    public PreparedRows? HeldOut => _heldOut?.Rows;

    /// <summary>Brings a training shard, unless it is here.</summary>
    /// <exception cref="IOException">It could not be fetched; which, and why.</exception>
    public Task NeedTrainAsync(int shard, IContentSource content, CancellationToken cancellation) => _train.NeedAsync(shard, content, cancellation);

    /// <summary>Brings the shards that these training rows are in, for examples in prompts.</summary>
    public Task NeedTrainRowsAsync(IEnumerable<int> rows, IContentSource content, CancellationToken cancellation) =>
        _train.NeedRowsAsync(rows, content, cancellation);

    /// <summary>Brings the held-out rows.</summary>
    public Task NeedHeldOutAsync(IContentSource content, CancellationToken cancellation) =>
        _heldOut?.NeedAsync(0, content, cancellation) ?? throw new InvalidOperationException("the job has no held-out rows (data.eval)");

    public void Dispose()
    {
        _train.Dispose();
        _heldOut?.Dispose();
    }
}

/// <summary>
/// The prepared data of a machine, in the same cache folder that preparing uses: what was prepared here is never fetched, and what was
/// fetched is never prepared again by hash. One for each process, since it knows which files it has verified.
/// </summary>
/// <param name="cacheFolder">For example <see cref="CacheFolder.Default"/>; made where it is missing.</param>
public sealed class PreparedCache(string cacheFolder)
{
    private readonly PreparedFolder _folder = new(cacheFolder);

    /// <summary>Which files were fetched.</summary>
    public FetchedFiles Files { get; } = new();

    /// <summary>Opens a job's data by its content. Only the indexes are brought now.</summary>
    /// <exception cref="BadInputException">The data is not described by its files, or not dealt as the job says.</exception>
    /// <exception cref="IOException">An index could not be fetched.</exception>
    public async Task<FetchedData> OpenAsync(JobSpec job, DataReference data, IContentSource content, CancellationToken cancellation)
    {
        var train = await FetchedSet.OpenAsync(
                DataNames.Train, job.Training.MicroBatches, job.Training.Seed, data, Files, _folder, content, cancellation)
            ?? throw new BadInputException($"data: prepared data {data.Key} comes without its files, and this machine has not prepared it. Submit the job again.");
        // Held-out rows are in one file, in the order of the data file: see DataPreparation.
        return new FetchedData(train, await FetchedSet.OpenAsync(DataNames.HeldOut, 1, 0, data, Files, _folder, content, cancellation));
    }

    /// <summary>What a planner needs of a job's data: the training rows' lengths and labels, and how many rows are held out.</summary>
    /// <exception cref="IOException">An index could not be fetched.</exception>
    public async Task<(IRowIndex Train, int HeldOutRows)> IndexesAsync(DataReference data, IContentSource content, CancellationToken cancellation)
    {
        if (data.Files.All(file => file.Name != DataNames.Index(DataNames.Train)))
            throw new BadInputException($"data: prepared data {data.Key} comes without its files. Submit the job again.");
        var train = await FetchedSet.IndexAsync(DataNames.Train, data, Files, _folder, content, cancellation);
        var heldOut = data.Files.Any(file => file.Name == DataNames.Index(DataNames.HeldOut))
            ? (await FetchedSet.IndexAsync(DataNames.HeldOut, data, Files, _folder, content, cancellation)).Count
            : 0;
        return (train, heldOut);
    }
}
