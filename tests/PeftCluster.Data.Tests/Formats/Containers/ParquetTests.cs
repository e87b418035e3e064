using Parquet;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Formats.Containers;
using PeftCluster.Tests;

namespace PeftCluster.Data.Tests.Formats.Containers;

/// <summary>Parquet: every kind of column as JSON, row groups, and files that are none.</summary>
public sealed class ParquetTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Zstd)]
    [InlineData(CompressionMethod.Brotli)]
    public void Rows_come_group_after_group_in_order(CompressionMethod method) => Assert.Equal(
        Enumerable.Range(0, 25).Select(row => new Example(row + 1, $"p{row}", $"c{row}")),
        DataFolder.Read(_folder.Write("rows.parquet", ParquetRows.File(25, ofGroup: 10, method))));

    [Fact]
    public void Every_kind_of_column_becomes_JSON_and_nothing_is_no_field()
    {
        using var stream = new MemoryStream(ParquetRows.File(2));

        Assert.Equal(
            [
                """{"prompt":"p0","completion":"c0","messages":[{"role":"user","content":"hello 0"},{"role":"assistant"}],"score":0.5,"price":1.25,"when":"2026-11-29T00:00:00","picture":{"bytes":2},"good":true}""",
                """{"prompt":"p1","completion":"c1","messages":[{"role":"user","content":"hello 1"},{"role":"assistant"}],"tags":["a","é"],"label":1,"score":null,"price":1.25,"when":"2026-11-29T00:00:00","picture":{"bytes":2},"good":true}""",
            ],
            new ParquetContainer().Read(stream, "f").Select(row => row.Element.GetRawText()));
    }

    [Theory]
    [InlineData("nested")]
    [InlineData("nested-zstd")]
    public void Files_of_Arrow_are_read_as_they_are(string name)
    {
        var path = ArrowFile(name);
        using var stream = File.OpenRead(path);

        Assert.Equal(
            [
                """{"prompt":"p0 é","completion":"c0","label":0,"score":0,"more":"x","good":true,"messages":[{"role":"user","content":"hello 0"}]}""",
                """{"prompt":"p1 é","completion":"c1","label":1,"score":0.5,"good":false,"messages":[{"role":"user","content":"hello 1"},{"role":"assistant","content":"yes"}]}""",
                """{"prompt":"p2 é","completion":"c0","label":2,"score":1,"more":"x","good":true,"messages":[{"role":"user","content":"hello 2"}]}""",
            ],
            new ParquetContainer().Read(stream, path).Select(row => row.Element.GetRawText()).Take(3));
    }

    [Fact]
    public void Pages_of_version_2_are_read_or_refused_with_the_column_and_the_remedy()
    {
        Assert.Equal(5, DataFolder.Read(ArrowFile("flat-pages-2")).Count);
        Assert.Equal(
            $"{ArrowFile("nested-pages-2")}: failed to read column 'messages/list/item/role': the file is damaged, or stored in a way that is not read here. Write it again, with data pages of version 1 (pyarrow's default).",
            DataFolder.Refusal(ArrowFile("nested-pages-2")));
    }

    private static string ArrowFile(string name) =>
        Path.Combine(GoldenFolder.Repository(), "tests", "PeftCluster.Data.Tests", "Formats", "Containers", "Arrow", $"{name}.parquet");

    [Fact]
    public void A_row_is_named_by_its_number()
    {
        var path = _folder.Write("rows.parquet", ParquetRows.File(3, ofGroup: 2));

        Assert.Equal($"{path}: row 1: \"picture\" (data.columns: completion) is an object, not a text. Put it in quotes, or fix the row.", DataFolder.Refusal(path, data => data with { Columns = [new("completion", "picture")] }));
        Assert.Equal($"{path}: row 1: \"label\" (data.columns: completion) is missing. Format completion expects prompt, completion; this row has prompt, completion, messages, score, price, when, picture, good. Set data.format: messages.", DataFolder.Refusal(path, data => data with { Columns = [new("completion", "label")] }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"prompt\": \"a\", \"completion\": \"b\"}")]
    [InlineData("PAR1\u0001\u0000\u0000\u0000PAR1")]
    public void A_file_that_is_no_Parquet_is_refused(string text)
    {
        var path = _folder.Write("rows.parquet", text);

        Assert.Equal($"{path}: is no whole Parquet file. Copy or write it again.", DataFolder.Refusal(path));
    }

    [Fact]
    public void A_file_that_is_cut_off_is_refused()
    {
        var path = _folder.Write("rows.parquet", ParquetRows.File(25)[..^100]);

        Assert.Equal($"{path}: is no whole Parquet file. Copy or write it again.", DataFolder.Refusal(path));
    }
}
