using CsCheck;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>The cache: equal inputs find their files, other inputs do not, and damage is found and made good.</summary>
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

    [Theory]
    [InlineData("flip")]
    [InlineData("cut")]
    [InlineData("grow")]
    [InlineData("delete")]
    [InlineData("empty")]
    public void Damaged_shards_are_found_and_made_again(string damage)
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(9));
        var before = Tokens(job);
        foreach (var path in job.ShardFiles())
            Damage(path, damage);

        using var data = job.Prepare();

        Assert.StartsWith("prepared data was damaged and made again: ", Assert.Single(data.Report.Warnings), StringComparison.Ordinal);
        Assert.Equal(before, Enumerable.Range(0, 9).Select(row => string.Join(' ', data.Train.Tokens(row).ToArray())));
        using var again = job.Prepare();
        Assert.Empty(again.Report.Warnings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"Version\": 2}")]
    [InlineData("{\"Version\": 0}")]
    [InlineData("{\"Version\": 3}")]
    [InlineData("{\"Version\": 2, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": null, \"Shards\": []}")]
    [InlineData("{\"Version\": 2, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9}, \"Shards\": [null]}")]
    [InlineData("{\"Version\": 2, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": -9}, \"Shards\": []}")]
    [InlineData("{\"Version\": 2, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9}, \"Shards\": []}")]
    [InlineData("{\"Version\": 2, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9}, \"Shards\": [{\"Sha256\": \"../../etc\", \"Bytes\": 1}]}")]
    [InlineData("{\"Version\": 2, \"Index\": {\"Sha256\": \"../../etc\", \"Bytes\": 1}, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9}, \"Shards\": []}")]
    public void A_damaged_manifest_is_found_and_made_again(string text)
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(9));
        var before = Tokens(job);
        var manifest = Assert.Single(Directory.GetFiles(Path.Combine(job.Cache, "prepared", "manifests")));
        var index = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(manifest))!["Index"]!.ToJsonString();
        File.WriteAllText(manifest, text
            .Replace("INDEX", index, StringComparison.Ordinal)
            .Replace("KEY", Path.GetFileNameWithoutExtension(manifest), StringComparison.Ordinal));

        using var data = job.Prepare();

        Assert.Single(data.Report.Warnings);
        Assert.Equal(before, Enumerable.Range(0, 9).Select(row => string.Join(' ', data.Train.Tokens(row).ToArray())));
    }

    [Fact]
    public void A_manifest_of_an_earlier_version_is_made_again_without_a_word()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(9));
        var before = Tokens(job);
        var manifest = Assert.Single(Directory.GetFiles(Path.Combine(job.Cache, "prepared", "manifests")));
        File.WriteAllText(manifest, """{"Version": 1}""");

        using var data = job.Prepare();

        Assert.Empty(data.Report.Warnings);
        Assert.Equal(before, Enumerable.Range(0, 9).Select(row => string.Join(' ', data.Train.Tokens(row).ToArray())));
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
    public void Any_bytes_in_an_index_are_refused_or_read_never_worse()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(4));
        using var data = job.Prepare();
        var sound = File.ReadAllBytes(data.Files[0].Path);
        var bent = Path.Combine(job.Cache, "bent");
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, sound.Length]).Sample(
            (at, value, length) =>
            {
                var bytes = sound.ToArray();
                bytes[at] = value;
                File.WriteAllBytes(bent, at % 2 == 0 ? bytes : bytes[..length]);
                try
                {
                    Assert.Equal(4, RowLengths.Open(bent).Count);
                }
                catch (InvalidDataException)
                {
                }
            },
            iter: 500, threads: 1);
    }

    [Fact]
    public void A_shard_that_is_not_as_the_index_says_is_refused()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(4));
        using var data = job.Prepare(microBatches: 1);
        job.Train([PreparedJob.Row("longer ", "than before"), .. PreparedJob.Rows(3)]);
        using var other = job.Prepare(microBatches: 1);

        using var rows = new PreparedRows(RowLengths.Open(data.Files[0].Path));

        Assert.Throws<InvalidDataException>(() => rows.Add(other.Files[1].Path));
        Assert.Throws<InvalidOperationException>(() => rows.Tokens(0).ToArray());
        rows.Add(data.Files[1].Path);
        Assert.Throws<InvalidDataException>(() => rows.Add(data.Files[1].Path));
        Assert.Equal(data.Train.Tokens(0).ToArray(), rows.Tokens(0).ToArray());
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
                var kept = rows.Where(row => RowEntry.LabelsOf(row.Item1.Length, row.Item2) > 0).ToList();
                foreach (var (tokens, prompt) in kept)
                    spool.Add(spool.Count + 1, tokens, prompt);
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

    [Fact]
    public void Any_bytes_in_a_shard_file_are_refused_or_read_never_worse()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(4));
        string index;
        using (var data = job.Prepare(microBatches: 1))
            index = data.Files[0].Path;
        var path = Assert.Single(job.ShardFiles());
        var sound = File.ReadAllBytes(path);
        var bent = Path.Combine(job.Cache, "bent");
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, sound.Length]).Sample(
            (at, value, length) =>
            {
                var bytes = sound.ToArray();
                bytes[at] = value;
                File.WriteAllBytes(bent, at % 2 == 0 ? bytes : bytes[..length]);
                try
                {
                    using var rows = PreparedRows.Open(index, [bent]);
                    for (var row = 0; row < 4; row++)
                        _ = rows.Tokens(row).ToArray();
                }
                catch (InvalidDataException)
                {
                }
            },
            iter: 500, threads: 1);
    }

    private static List<string> Tokens(PreparedJob job)
    {
        using var data = job.Prepare();
        return [.. Enumerable.Range(0, data.Train.Count).Select(row => string.Join(' ', data.Train.Tokens(row).ToArray()))];
    }

    private static void Damage(string path, string how)
    {
        var bytes = File.ReadAllBytes(path);
        switch (how)
        {
            case "flip":
                bytes[^1] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "cut":
                File.WriteAllBytes(path, bytes[..^4]);
                break;
            case "grow":
                File.WriteAllBytes(path, [.. bytes, 0]);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            default:
                File.Delete(path);
                break;
        }
    }
}
