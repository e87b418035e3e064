using PeftCluster.Data.Formats;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Formats;

/// <summary>Which files a path, a folder and a pattern mean, and in which order.</summary>
public sealed class SourceFilesTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public SourceFilesTests()
    {
        foreach (var name in new[] { "b.jsonl", "B.csv", "a/z.parquet", "a/b/c.json.gz", "a-1.jsonl", "README.md", ".hidden.jsonl", ".git/x.jsonl", "a/10.jsonl", "a/9.jsonl", "odd*.txt" })
            _folder.Write(name, "");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("b.jsonl", "b.jsonl")]
    [InlineData("missing.jsonl", "missing.jsonl")]
    [InlineData("odd*.txt", "odd*.txt")]
    [InlineData("", "B.csv a-1.jsonl a/10.jsonl a/9.jsonl a/b/c.json.gz a/z.parquet b.jsonl")]
    [InlineData("a", "a/10.jsonl a/9.jsonl a/b/c.json.gz a/z.parquet")]
    [InlineData("*.jsonl", "a-1.jsonl b.jsonl")]
    [InlineData("*.md", "README.md")]
    [InlineData("a/*.jsonl", "a/10.jsonl a/9.jsonl")]
    [InlineData("**/*.jsonl", "a-1.jsonl a/10.jsonl a/9.jsonl b.jsonl")]
    [InlineData("a/**/*.gz", "a/b/c.json.gz")]
    [InlineData("*/9.*", "a/9.jsonl")]
    public void A_path_means_these_files_in_this_order(string path, string files) =>
        Assert.Equal(files.Split(' '), FilesOf(path).Select(file => Path.GetRelativePath(_folder.Root, file)));

    [Fact]
    public void A_folder_without_data_files_and_a_pattern_without_matches_are_refused()
    {
        Directory.CreateDirectory(_folder.PathOf("empty"));

        Assert.Equal(
            $"{_folder.PathOf("empty")}: the folder has no data files. Their names end in .jsonl, .json, .csv, .tsv or .parquet, or in one of these and .gz or .zst.",
            Assert.Throws<BadInputException>(() => FilesOf("empty")).Message);
        Assert.Equal(
            $"{_folder.PathOf("no/*.jsonl")}: no file has such a name. An asterisk stands for any letters of a name, ** for any folders.",
            Assert.Throws<BadInputException>(() => FilesOf("no/*.jsonl")).Message);
    }

    private IReadOnlyList<string> FilesOf(string path) => Assert.Single(SourceFiles.Of(DataSources.Of(path.Length == 0 ? _folder.Root : _folder.PathOf(path)))).Files;
}
