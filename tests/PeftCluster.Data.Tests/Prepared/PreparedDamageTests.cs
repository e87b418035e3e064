using CsCheck;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Files of the cache that are damaged, of another version or not each other's: found, and made good where the rows are at hand.</summary>
public sealed class PreparedDamageTests
{
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
    [InlineData("{\"Version\": 3}")]
    [InlineData("{\"Version\": 0}")]
    [InlineData("{\"Version\": 4}")]
    [InlineData("{\"Version\": 3, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": null, \"Shards\": []}")]
    [InlineData("{\"Version\": 3, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9}, \"Shards\": [null]}")]
    [InlineData("{\"Version\": 3, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": -9}, \"Shards\": []}")]
    [InlineData("{\"Version\": 3, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9}, \"Shards\": []}")]
    [InlineData("{\"Version\": 3, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9}, \"Shards\": [{\"Sha256\": \"../../etc\", \"Bytes\": 1}]}")]
    [InlineData("{\"Version\": 3, \"Index\": {\"Sha256\": \"../../etc\", \"Bytes\": 1}, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9}, \"Shards\": []}")]
    [InlineData("{\"Version\": 3, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9, \"LeftOut\": null}, \"Shards\": []}")]
    [InlineData("{\"Version\": 3, \"Index\": INDEX, \"Key\": \"KEY\", \"Report\": {\"Rows\": 9, \"LeftOut\": [{\"Reason\": 7, \"Rows\": 1, \"First\": []}]}, \"Shards\": []}")]
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
    public void Any_bytes_in_an_index_are_refused_or_read_never_worse()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(4));
        using var data = job.Prepare();
        Bend(job, data.Files[0].Path, bent => Assert.Equal(4, RowLengths.Open(bent).Count));
    }

    [Fact]
    public void Any_bytes_in_a_shard_file_are_refused_or_read_never_worse()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(4));
        string index;
        using (var data = job.Prepare(microBatches: 1))
            index = data.Files[0].Path;
        Bend(job, Assert.Single(job.ShardFiles()), bent =>
        {
            using var rows = PreparedRows.Open(index, [bent]);
            for (var row = 0; row < 4; row++)
                _ = rows.Tokens(row).ToArray();
        });
    }

    private static List<string> Tokens(PreparedJob job)
    {
        using var data = job.Prepare();
        return [.. Enumerable.Range(0, data.Train.Count).Select(row => string.Join(' ', data.Train.Tokens(row).ToArray()))];
    }

    /// <summary>Reads a file with one byte changed or its end cut off, many times: only that it is refused may come of it.</summary>
    private static void Bend(PreparedJob job, string path, Action<string> read)
    {
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
                    read(bent);
                }
                catch (InvalidDataException)
                {
                }
            },
            iter: 500, threads: 1);
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
