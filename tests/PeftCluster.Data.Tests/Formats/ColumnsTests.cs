using PeftCluster.Data.Formats;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Formats;

/// <summary>Columns with names of their own, and the shape of classified texts.</summary>
public sealed class ColumnsTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Columns_are_read_by_the_names_that_the_job_gives() => Assert.Equal(
        [new Example(2, "a", "b")],
        DataFolder.Read(_folder.Write("rows.csv", "question,prompt,answer\na,x,b\n"), data => data with { Columns = [new("prompt", "question"), new("completion", "answer")] }));

    [Theory]
    [InlineData("question", "prompt", "data.columns: format completion has no question. It has prompt, completion; the name in the file stands behind it: {prompt: question}.")]
    [InlineData("prompt", "completion", "data.columns: two of prompt, completion are read from one column. Give each a column of its own.")]
    public void Names_that_the_format_does_not_have_are_refused(string field, string column, string line) =>
        Assert.Equal(line, DataFolder.Refusal(_folder.Write("rows.jsonl", "{}"), data => data with { Columns = [new(field, column)] }));

    [Fact]
    public void A_column_that_is_missing_is_named_as_the_file_should_have_it()
    {
        var path = _folder.Write("rows.jsonl", "{\"prompt\": \"a\"}");

        Assert.StartsWith($"{path}:1: \"question\" (data.columns: prompt) is missing.", DataFolder.Refusal(path, data => data with { Columns = [new("prompt", "question")] }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_is_a_text_or_a_number() => Assert.Equal(
        [new Example(1, "a", "yes"), new Example(2, "b", "2")],
        DataFolder.Read(_folder.Write("rows.jsonl", "{\"text\": \"a\", \"label\": \"yes\"}\n{\"text\": \"b\", \"label\": 2}"), data => data with { Format = DataFormat.Classification }));

    [Fact]
    public void A_class_of_another_kind_is_refused()
    {
        var path = _folder.Write("rows.jsonl", "{\"text\": \"a\", \"label\": [1]}");

        Assert.Equal($"{path}:1: \"label\" is a list, not a text. Put it in quotes, or fix the row.", DataFolder.Refusal(path, data => data with { Format = DataFormat.Classification }));
        Assert.EndsWith("this row has text, label. Set data.format: classification.", DataFolder.Refusal(path), StringComparison.Ordinal);
    }
}
