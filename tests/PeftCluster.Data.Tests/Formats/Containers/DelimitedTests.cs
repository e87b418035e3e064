using CsCheck;
using PeftCluster.Data.Formats;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Formats.Containers;

/// <summary>CSV and TSV: quotes, line breaks, the lines that refusals name.</summary>
public sealed class DelimitedTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Values_may_hold_separators_quotes_and_line_breaks_and_places_are_lines() => Assert.Equal(
        [new Example(2, "a, \"b\"", "c\nd"), new Example(5, "5\" disk", " e ")],
        DataFolder.Read(_folder.Write("rows.csv", "\uFEFFid,prompt,completion\r\n1,\"a, \"\"b\"\"\",\"c\nd\"\r\n\r\n2,5\" disk, e \r\n")));

    [Fact]
    public void Tabs_separate_the_values_of_a_tsv_file() => Assert.Equal(
        [new Example(2, "a, b", "c\td")],
        DataFolder.Read(_folder.Write("rows.tsv", "completion\tprompt\n\"c\td\"\ta, b")));

    [Theory]
    [InlineData("")]
    [InlineData("prompt,completion\n")]
    public void A_file_may_have_no_rows(string text) => Assert.Empty(DataFolder.Read(_folder.Write("rows.csv", text)));

    [Theory]
    [InlineData("prompt,completion\na,b\nc\n", ":3: the row has 1 values, and the first line names 2 columns. Put a value that holds a separator in quotes.")]
    [InlineData("prompt,completion\na,b,c\n", ":2: the row has 3 values, and the first line names 2 columns. Put a value that holds a separator in quotes.")]
    [InlineData("prompt,completion\na,b\nc,\"d\ne,f\n", ":3: the row has a quote that is never closed. Close it, or fix the row.")]
    [InlineData("prompt,completion\n\"a\"b,c\n", ":2: the row has text behind a closing quote. Write two quotes for one that belongs to the text, or fix the row.")]
    [InlineData("prompt,prompt\na,b\n", ":1: two columns are named \"prompt\". Rename one: the first line names the columns.")]
    [InlineData("question,answer\na,b\n", ":2: \"prompt\" is missing. Format completion expects prompt, completion; this row has question, answer. Fix the row, or set data.format or data.columns.")]
    [InlineData("prompt,completion\na,\n", ":2: \"completion\" is empty. An example needs at least one token to learn from. Drop the row, or set data.on_empty: skip.")]
    public void What_is_wrong_is_refused_by_the_line(string text, string line)
    {
        var path = _folder.Write("rows.csv", text);

        Assert.Equal(path + line, DataFolder.Refusal(path));
    }

    [Fact]
    public void A_bad_row_does_not_spoil_the_others() => Assert.Equal(
        [new Example(2, "a", "b"), new Example(5, "e", "f")],
        DataFolder.Read(_folder.Write("rows.csv", "prompt,completion\na,b\nc\n\"d\"x,e\ne,f\n"), data => data with { OnBadRow = OnBadRow.Skip }));

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused_by_their_line()
    {
        var path = _folder.Write("rows.csv", [.. "prompt,completion\na,b\nc,"u8, 0xFF, .. "\n"u8]);

        Assert.Equal($"{path}:3: the row has text that is not Unicode. Save the file as UTF-8, or drop the row.", DataFolder.Refusal(path));
    }

    [Fact]
    public void A_row_longer_than_16_MB_is_refused()
    {
        var path = _folder.Write("rows.csv", $"prompt,completion\na,b\nc,\"{new string('x', 17 << 20)}");

        Assert.Equal($"{path}:3: the row cannot be read, or is longer than 16 MB. Look for a quote that is never closed, or shorten it.", DataFolder.Refusal(path));
    }

    [Fact]
    public void Any_text_comes_back_as_it_was_quoted()
    {
        var text = Gen.String.Where(value => !value.Any(char.IsSurrogate) && !string.IsNullOrWhiteSpace(value));
        Gen.Select(text, text).Array[1, 20].Sample(rows =>
        {
            string Quoted(string value) => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
            var path = _folder.Write("rows.csv", "prompt,completion\n" + string.Join("\n", rows.Select(row => $"{Quoted(row.Item1)},{Quoted(row.Item2)}")));
            return DataFolder.Read(path).Select(example => (example.Prompt, example.Completion)).SequenceEqual(rows);
        }, iter: 200, threads: 1);
    }
}
