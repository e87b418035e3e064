using PeftCluster.Data.Formats;
using PeftCluster.Data.Formats.Containers;

namespace PeftCluster.Data.Tests.Formats.Containers;

/// <summary>Files packed by gzip or zstd: the same rows, whatever is in them, and memory of a row.</summary>
public sealed class PackedTests : IDisposable
{
    private const string Line = "{\"prompt\": \"p0\", \"completion\": \"c0\"}";

    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rows.jsonl", Line)]
    [InlineData("rows", Line)]
    [InlineData("rows.NDJSON", Line)]
    [InlineData("rows.json", $"[{Line}]")]
    [InlineData("rows.csv", "prompt,completion\np0,c0\n")]
    [InlineData("rows.tsv", "prompt\tcompletion\np0\tc0\n")]
    public void The_ending_says_what_a_file_is_and_how_it_is_packed(string name, string text)
    {
        foreach (var ending in new[] { "", ".gz", ".zst" })
            Assert.Equal(("p0", "c0"), Assert.Single(DataFolder.Read(_folder.Write(name + ending, text)).Select(example => (example.Prompt, example.Completion))));
    }

    [Theory]
    [InlineData(".gz")]
    [InlineData(".zst")]
    public void Parquet_may_be_packed_as_a_whole_too(string ending)
    {
        var before = Directory.GetFiles(Path.GetTempPath()).Length;

        Assert.Equal(5, DataFolder.Read(_folder.Write($"rows.parquet{ending}", ParquetRows.File(5))).Count);
        Assert.InRange(Directory.GetFiles(Path.GetTempPath()).Length, 0, before);
    }

    [Theory]
    [InlineData("rows.jsonl.gz", "gzip")]
    [InlineData("rows.jsonl.zst", "zstd")]
    public void A_packed_file_that_is_cut_off_is_refused(string name, string kind)
    {
        var packed = DataFolder.Packed(name, System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(row => Line.Replace("p0", $"{row * 7919}", StringComparison.Ordinal) + "\n"))));
        File.WriteAllBytes(_folder.PathOf(name), packed[..^9]);

        Assert.StartsWith($"{_folder.PathOf(name)}: the {kind} data is damaged or cut off: ", DataFolder.Refusal(_folder.PathOf(name)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rows.csv.gz")]
    [InlineData("rows.jsonl.zst")]
    [InlineData("rows.json.gz")]
    public void A_small_file_that_unpacks_to_a_huge_row_is_refused_in_little_memory(string name)
    {
        var path = _folder.Write(name, [.. "[\""u8, .. Enumerable.Repeat((byte)'x', 300 << 20)]);
        GC.Collect();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("16 MB", DataFolder.Refusal(path), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200 << 20);
    }

    [Fact]
    public void The_hash_is_of_the_packed_file_whole()
    {
        var path = _folder.Write("rows.jsonl.gz", Line);
        File.AppendAllText(path, "behind");
        var reader = new ExampleReader(path, new Jobs.Spec.DataSpec { Train = path });
        _ = reader.Read().ToList();

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))), reader.Sha256);
    }

    [Fact]
    public void Only_names_of_data_files_are_taken_from_a_folder()
    {
        Assert.All(["a.jsonl", "a.json.gz", "a.CSV.zst", "a.parquet"], name => Assert.True(FileEnding.IsData(name)));
        Assert.All(["a", "README.md", "a.zst", "a.tar.gz", "jsonl"], name => Assert.False(FileEnding.IsData(name)));
    }
}
