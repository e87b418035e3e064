using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// A prepared set on a machine that has not prepared it: the index is here, a shard comes when it is first needed. Which row is in
/// which shard is worked out, not fetched. Several devices of a machine share one.
/// </summary>
internal sealed class FetchedSet : IDisposable
{
    private readonly FetchedFiles _files;
    private readonly PreparedFolder _folder;
    private readonly DataFile[] _shards;
    private readonly SemaphoreSlim[] _gates;
    private readonly bool[] _here;
    private readonly Lazy<int[]> _shardOfRow;

    private FetchedSet(FetchedFiles files, PreparedFolder folder, RowLengths lengths, DataFile[] shards, long seed)
    {
        (_files, _folder, _shards) = (files, folder, shards);
        Rows = new PreparedRows(lengths);
        _gates = [.. shards.Select(_ => new SemaphoreSlim(1, 1))];
        _here = new bool[shards.Length];
        _shardOfRow = new Lazy<int[]>(() => ShardOfEachRow(lengths, shards.Length, seed));
    }

    /// <summary>Rows of shards that have come can be read.</summary>
    public PreparedRows Rows { get; }

    /// <summary>Brings the index.</summary>
    /// <param name="set"><see cref="DataNames.Train"/> or <see cref="DataNames.HeldOut"/>.</param>
    /// <param name="shards">Into how many shards the job deals its rows.</param>
    /// <param name="seed">The seed that deals them.</param>
    /// <param name="data">What the job's data is made of.</param>
    /// <param name="files">This machine's files.</param>
    /// <param name="folder">Where they lie.</param>
    /// <param name="content">Who has what is not here.</param>
    /// <param name="cancellation">Ends fetching.</param>
    /// <returns>The set, or null where the data has none of this name.</returns>
    /// <exception cref="BadInputException">The data is not dealt as the job says.</exception>
    /// <exception cref="IOException">The index could not be fetched.</exception>
    public static async Task<FetchedSet?> OpenAsync(
        string set, int shards, long seed, DataReference data, FetchedFiles files, PreparedFolder folder, IContentSource content, CancellationToken cancellation)
    {
        if (data.Files.FirstOrDefault(file => file.Name == DataNames.Index(set)) is null)
            return null;
        var lengths = await IndexAsync(set, data, files, folder, content, cancellation);
        DataFile?[] dealt = [.. Enumerable.Range(0, shards).Select(number => data.Files.FirstOrDefault(file => file.Name == DataNames.Shard(set, number)))];
        var missing = Array.IndexOf(dealt, null);
        return missing < 0
            ? new FetchedSet(files, folder, lengths, dealt!, seed)
            : throw new BadInputException($"data: the prepared data has no file {DataNames.Shard(set, missing)}, but the job deals its rows to {shards} shards. Submit the job again.");
    }

    /// <summary>Brings and reads the index of a set that is there.</summary>
    public static async Task<RowLengths> IndexAsync(
        string set, DataReference data, FetchedFiles files, PreparedFolder folder, IContentSource content, CancellationToken cancellation)
    {
        var file = data.Files.First(file => file.Name == DataNames.Index(set));
        var path = folder.IndexOf(file.Sha256);
        await files.BringAsync(file, path, content, cancellation);
        return RowLengths.Open(path);
    }

    /// <summary>Sees to it that the rows of a shard can be read.</summary>
    public async Task NeedAsync(int shard, IContentSource content, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)shard, (uint)_shards.Length, nameof(shard));
        if (Volatile.Read(ref _here[shard]))
            return;
        await _gates[shard].WaitAsync(cancellation);
        try
        {
            if (_here[shard])
                return;
            var path = _folder.ShardOf(_shards[shard].Sha256);
            await _files.BringAsync(_shards[shard], path, content, cancellation);
            Rows.Add(path);
            Volatile.Write(ref _here[shard], true);
        }
        finally
        {
            _gates[shard].Release();
        }
    }

    /// <summary>As <see cref="NeedAsync"/>, of every shard that one of the rows is in.</summary>
    public async Task NeedRowsAsync(IEnumerable<int> rows, IContentSource content, CancellationToken cancellation)
    {
        foreach (var shard in rows.Select(row => _shardOfRow.Value[row]).Distinct().Order())
            await NeedAsync(shard, content, cancellation);
    }

    public void Dispose() => Rows.Dispose();

    private static int[] ShardOfEachRow(RowLengths lengths, int shards, long seed)
    {
        var of = new int[lengths.Count];
        var number = 0;
        foreach (var shard in DealtRows.Of(lengths.Count, lengths.Variants, shards, seed))
        {
            foreach (var row in shard)
                of[row] = number;
            number++;
        }
        return of;
    }
}
