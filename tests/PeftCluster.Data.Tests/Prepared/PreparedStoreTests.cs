using CsCheck;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>The cache: equal inputs find their files, other inputs do not. What is damaged: <see cref="PreparedDamageTests"/>.</summary>
public sealed class PreparedStoreTests
{
    [Fact]
    public void Equal_inputs_use_the_same_files_again()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(9)).Eval(PreparedJob.Rows(2));
        using (var first = job.Prepare())
            File.Move(job.TrainPath, job.TrainPath + ".moved");
        File.Copy(job.TrainPath + ".moved", job.TrainPath);
        foreach (var path in job.ShardFiles())
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);

        using var second = job.Prepare();

        Assert.Equal(9, second.Train.Count);
        Assert.All(job.ShardFiles(), path => Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path)));
    }

    [Fact]
    public void The_report_of_files_used_again_is_the_one_of_the_first_time()
    {
        using var job = new PreparedJob().Train(PreparedJob.Row("ab", "cdefghij"), PreparedJob.Row("a", ""));
        using var first = job.Prepare(spec => spec with { MaxLength = 8, OnEmpty = OnEmpty.Skip });
        using var second = job.Prepare(spec => spec with { MaxLength = 8, OnEmpty = OnEmpty.Skip });

        Assert.Equal(first.Report.Train, second.Report.Train);
        Assert.Equal(first.Report.Warnings, second.Report.Warnings);
        Assert.Equal(first.InputKey, second.InputKey);
    }

    [Fact]
    public void Everything_that_decides_the_tokens_is_part_of_the_key()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(4));
        string Key(Func<DataSpec, DataSpec>? change = null, int microBatches = 3, long seed = 7)
        {
            using var data = job.Prepare(change, microBatches, seed);
            return data.InputKey;
        }

        List<string> keys =
        [
            Key(),
            Key(spec => spec with { MaxLength = 65 }),
            Key(spec => spec with { OnTooLong = OnTooLong.Refuse }),
            Key(spec => spec with { OnEmpty = OnEmpty.Skip }),
            Key(spec => spec with { Eval = job.TrainPath }),
            Key(microBatches: 2),
            Key(seed: 8),
        ];
        job.Train(PreparedJob.Rows(5));
        keys.Add(Key());
        job.Model.Config["eos_token_id"] = 5;
        job.Model.Write();
        keys.Add(Key());
        job.Model.Tokenizer["pre_tokenizer"]!["add_prefix_space"] = true;
        job.Model.Write();
        keys.Add(Key());

        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Fact]
    public void The_index_has_every_rows_length_and_labels()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(9));
        using var data = job.Prepare();

        var index = RowLengths.Open(data.Files.Single(file => file.File.Name == "train.index").Path);

        Assert.Equal(data.Train.Count, index.Count);
        Assert.All(Enumerable.Range(0, 9), row =>
            Assert.Equal((data.Train.Tokens(row).Length, data.Train.Completion(row).Length), (index.Length(row), index.Labels(row))));
    }

    [Fact]
    public void No_temporary_file_stays()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(9));
        using var data = job.Prepare();

        Assert.Empty(Directory.GetFiles(Path.Combine(job.Cache, "prepared", "temporary")));
    }

    [Fact]
    public void Rows_cannot_be_read_after_they_were_given_back()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(1));
        var data = job.Prepare();
        data.Dispose();
        data.Dispose();

        Assert.Throws<ObjectDisposedException>(() => data.Train.Tokens(0).ToArray());
    }

    [Fact]
    public void What_was_written_is_what_is_read()
    {
        using var model = new TinyModel();
        var row = Gen.Select(Gen.Int.Array[1, 40], Gen.Int[0, 40]);
        Gen.Select(row.Array[1, 30], Gen.Int[1, 7], Gen.Long[0, long.MaxValue]).Sample(
            (rows, shards, seed) =>
            {
                var store = new PreparedStore(model.Folder);
                using var spool = store.CreateSpool();
                var kept = rows.Where(row => row.Item2 < row.Item1.Length && row.Item1.Length > 1).ToList();
                foreach (var (tokens, prompt) in kept)
                    spool.Add(spool.Count % 3, spool.Count + 1, tokens, [new LabelSpan(prompt, tokens.Length)]);
                if (kept.Count == 0)
                    return true;
                store.Write("key", spool, spool.Report(0, 0), PeftCluster.Steps.Plan.ShardAssignment.Of(kept.Count, shards, seed));
                using var read = store.Open("key", out _)!.Rows;

                return read.Count == kept.Count && Enumerable.Range(0, read.Count).All(row =>
                    read.Tokens(row).SequenceEqual(kept[row].Item1) && read.PromptLength(row) == kept[row].Item2
                    && read.Labels(row) == kept[row].Item1.Length - Math.Max(1, kept[row].Item2));
            },
            iter: 100, threads: 1);
    }
}
