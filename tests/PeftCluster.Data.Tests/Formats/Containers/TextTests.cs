using PeftCluster.Data.Formats;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Formats.Containers;

/// <summary>Plain text: documents between blank lines.</summary>
public sealed class TextTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_document_ends_at_a_blank_line_and_keeps_its_own_line_breaks() => Assert.Equal(
        [new Example(2, "", "Once upon\n  a time. "), new Example(6, "", "\"The end\"")],
        DataFolder.Read(_folder.Write("book.txt", "\uFEFF\r\nOnce upon\r\n  a time. \r\n \t\r\n\r\n\"The end\""), data => data with { Format = DataFormat.Text }));

    [Fact]
    public void Only_text_can_be_read_from_it()
    {
        var path = _folder.Write("book.txt", "a\n");

        Assert.Equal($"{path}:1: \"prompt\" is missing. Format completion expects prompt, completion; this row has text. Set data.format: text.", DataFolder.Refusal(path));
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused_by_the_line_where_the_document_begins()
    {
        var path = _folder.Write("book.txt", [.. "a\n\nb\n"u8, 0xFF, .. "\n"u8]);

        Assert.Equal($"{path}:3: the row has text that is not Unicode. Save the file as UTF-8, or drop the row.", DataFolder.Refusal(path, data => data with { Format = DataFormat.Text }));
    }

    [Fact]
    public void A_document_longer_than_16_MB_is_refused_whether_its_lines_are_long_or_many()
    {
        foreach (var text in new[] { new string('x', 17 << 20), string.Concat(Enumerable.Repeat(new string('x', 1023) + "\n", 17 << 10)) })
        {
            var path = _folder.Write("book.txt", $"a\n\n{text}");

            Assert.Equal($"{path}:3: the row is longer than 16 MB. A document ends at a blank line: put one in, or shorten it.", DataFolder.Refusal(path, data => data with { Format = DataFormat.Text }));
        }
    }
}
