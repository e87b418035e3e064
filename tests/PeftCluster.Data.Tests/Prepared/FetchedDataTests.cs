using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Prepared data on a machine that has not prepared it: what is fetched, when, and what becomes of it if it is not as it should be.</summary>
public sealed class FetchedDataTests : IDisposable
{
    private const int Rows = 11;

    private static readonly CancellationToken None = CancellationToken.None;
    private readonly PreparedJob _job = new PreparedJob().Train(PreparedJob.Rows(Rows)).Eval(PreparedJob.Rows(2));
    private readonly PreparedData _data;
    private readonly MemoryStore _store = new();

    public FetchedDataTests() => _data = _job.Prepare();

    private string Far => Path.Combine(_job.Model.Folder, "far");

    public void Dispose()
    {
        _data.Dispose();
        _job.Dispose();
    }

    [Fact]
    public async Task A_shard_is_fetched_when_it_is_asked_for_and_only_once()
    {
        await LocalFile.PushAsync(_data.Files, _store, None);
        using var far = await OpenAsync(new PreparedCache(Far));
        Assert.Equal(["train.index", "eval.index"], Asked());

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => far.NeedTrainAsync(1, _store, None)));

        Assert.Equal(["train.index", "eval.index", "train/1"], Asked());
        Assert.Equal(Rows, far.Train.Count);
        Assert.All(RowsOf(1), row => Assert.Equal(_data.Train.Tokens(row).ToArray(), far.Train.Tokens(row).ToArray()));
    }

    [Fact]
    public async Task What_was_fetched_or_lay_here_sound_is_said_and_can_be_given_to_others_and_nothing_else()
    {
        await LocalFile.PushAsync(_data.Files, _store, None);
        var shard = _data.Files.First(file => file.File.Name == "train/1").File.Sha256;
        foreach (var cache in new[] { new PreparedCache(Far), new PreparedCache(Far) })
        {
            _store.Noted.Clear();
            using var far = await OpenAsync(cache);
            Assert.Null(cache.Files.Find(shard));
            await far.NeedTrainAsync(1, _store, None);
            Assert.Equal(shard, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(cache.Files.Find(shard)!, None))));
            Assert.Equal(["train.index", "eval.index", "train/1"], _store.Noted.Select(sha256 => _data.Files.First(file => file.File.Sha256 == sha256).File.Name));
        }
        Assert.Equal(3, _store.Asked.Count);
    }

    [Fact]
    public async Task Rows_whose_shard_is_not_here_say_so_and_their_lengths_are_known()
    {
        await LocalFile.PushAsync(_data.Files, _store, None);
        using var far = await OpenAsync(new PreparedCache(Far));
        await far.NeedTrainAsync(1, _store, None);
        var elsewhere = RowsOf(2)[0];

        var error = Assert.Throws<InvalidOperationException>(() => far.Train.Tokens(elsewhere).ToArray());

        Assert.Equal($"row {elsewhere} of the prepared data is not here: its shard was not fetched before it was used", error.Message);
        Assert.Equal(_data.Train.Length(elsewhere), far.Train.Length(elsewhere));
        Assert.Equal(_data.Train.Labels(elsewhere), far.Train.Labels(elsewhere));
    }

    [Fact]
    public async Task Examples_bring_the_shards_that_they_are_in()
    {
        await LocalFile.PushAsync(_data.Files, _store, None);
        using var far = await OpenAsync(new PreparedCache(Far));
        int[] wanted = [RowsOf(0)[0], RowsOf(2)[0]];

        await far.NeedTrainRowsAsync(wanted, _store, None);
        await far.NeedHeldOutAsync(_store, None);

        Assert.Equal(["train.index", "eval.index", "train/0", "train/2", "eval/0"], Asked());
        Assert.All(wanted, row => Assert.Equal(_data.Train.Tokens(row).ToArray(), far.Train.Tokens(row).ToArray()));
        Assert.Equal(_data.Eval!.Tokens(1).ToArray(), far.HeldOut!.Tokens(1).ToArray());
    }

    [Fact]
    public async Task What_was_prepared_here_is_not_fetched()
    {
        using var near = await OpenAsync(new PreparedCache(_job.Cache));
        await near.NeedTrainAsync(0, _store, None);

        Assert.Empty(_store.Asked);
    }

    [Fact]
    public async Task A_file_that_was_damaged_here_is_fetched_again()
    {
        await LocalFile.PushAsync(_data.Files, _store, None);
        using (var first = await OpenAsync(new PreparedCache(Far)))
            await first.NeedTrainAsync(1, _store, None);
        var path = Directory.GetFiles(Path.Combine(Far, "prepared", "shards"), "*.rows").Single();
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        using var again = await OpenAsync(new PreparedCache(Far));
        await again.NeedTrainAsync(1, _store, None);

        Assert.Equal(2, Asked().Count(name => name == "train/1"));
        Assert.All(RowsOf(1), row => Assert.Equal(_data.Train.Tokens(row).ToArray(), again.Train.Tokens(row).ToArray()));
    }

    [Fact]
    public async Task Content_that_lies_is_refused_by_name_and_a_better_one_is_taken_later()
    {
        await LocalFile.PushAsync(_data.Files, _store, None);
        using var far = await OpenAsync(new PreparedCache(Far));
        var sound = _store.Bend(Named("train/1").Sha256);

        var error = await Assert.ThrowsAsync<IOException>(() => far.NeedTrainAsync(1, _store, None));

        Assert.StartsWith("train/1 (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("could not be fetched from the run's store: what came has another length or another hash", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(Far, "prepared", "shards"), "*.rows*"));
        _store.Put(Named("train/1").Sha256, sound);
        await far.NeedTrainAsync(1, _store, None);
        Assert.Equal(_data.Train.Tokens(RowsOf(1)[0]).ToArray(), far.Train.Tokens(RowsOf(1)[0]).ToArray());
    }

    [Fact]
    public async Task A_cancelled_fetch_ends_and_who_waited_for_it_fetches_itself()
    {
        await LocalFile.PushAsync(_data.Files, _store, None);
        using var far = await OpenAsync(new PreparedCache(Far));
        using var stop = new CancellationTokenSource();
        _store.Hold = new TaskCompletionSource();
        var first = far.NeedTrainAsync(1, _store, stop.Token);
        var second = far.NeedTrainAsync(1, _store, None);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _store.Hold.SetResult();
        await second;
        Assert.Equal(_data.Train.Tokens(RowsOf(1)[0]).ToArray(), far.Train.Tokens(RowsOf(1)[0]).ToArray());
    }

    [Fact]
    public async Task Only_what_the_store_lacks_is_pushed()
    {
        var all = await LocalFile.PushAsync(_data.Files, _store, None);
        _store.Drop(Named("train/1").Sha256);

        Assert.Equal(_data.Files.Count, all);
        Assert.Equal(1, await LocalFile.PushAsync(_data.Files, _store, None));
        Assert.Equal(0, await LocalFile.PushAsync(_data.Files, _store, None));
    }

    [Fact]
    public async Task A_file_that_changed_after_it_was_prepared_is_not_pushed_as_another()
    {
        File.AppendAllText(_data.Files.Single(file => file.File.Name == "train/1").Path, "x");

        var error = await Assert.ThrowsAsync<IOException>(() => LocalFile.PushAsync(_data.Files, _store, None));

        Assert.EndsWith("changed while the job was submitted. Submit it again.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_needs_the_indexes_only()
    {
        await LocalFile.PushAsync(_data.Files, _store, None);

        var (train, heldOut) = await new PreparedCache(Far).IndexesAsync(_data.Reference, _store, None);

        Assert.Equal(["train.index", "eval.index"], Asked());
        Assert.Equal(2, heldOut);
        Assert.Equal(Enumerable.Range(0, Rows).Select(_data.Train.Length), Enumerable.Range(0, Rows).Select(train.Length));
        Assert.Equal(Enumerable.Range(0, Rows).Select(_data.Train.Labels), Enumerable.Range(0, Rows).Select(train.Labels));
    }

    [Fact]
    public async Task Data_that_comes_without_its_files_or_shards_is_refused()
    {
        await LocalFile.PushAsync(_data.Files, _store, None);
        var cache = new PreparedCache(Far);
        var short1 = _data.Reference with { Files = [.. _data.Reference.Files.Where(file => file.Name != "train/2")] };

        var own = await Assert.ThrowsAsync<BadInputException>(() => cache.OpenAsync(_job.Spec(), DataReference.Own("k"), _store, None));
        var cut = await Assert.ThrowsAsync<BadInputException>(() => cache.OpenAsync(_job.Spec(), short1, _store, None));

        Assert.StartsWith("data: prepared data k comes without its files", own.Message, StringComparison.Ordinal);
        Assert.StartsWith("data: the prepared data has no file train/2", cut.Message, StringComparison.Ordinal);
    }

    private Task<FetchedData> OpenAsync(PreparedCache cache) => cache.OpenAsync(_job.Spec(), _data.Reference, _store, None);

    private DataFile Named(string name) => _data.Reference.Files.Single(file => file.Name == name);

    private int[] RowsOf(int shard) => PeftCluster.Steps.Plan.ShardAssignment.Of(Rows, 3, 7)[shard];

    private IEnumerable<string> Asked() => _store.Asked.Select(sha256 => _data.Reference.Files.First(file => file.Sha256 == sha256).Name);
}
