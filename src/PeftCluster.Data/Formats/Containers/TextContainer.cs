using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// Plain text: a document is what stands between blank lines, as paragraphs and most corpora are written; it becomes a row with the one column
/// <c>text</c>. Line breaks within it and spaces at its lines' ends belong to it.
/// </summary>
internal sealed class TextContainer : IRowContainer
{
    private const string Remedy = "A document ends at a blank line: put one in, or shorten it.";

    public string Name => "text";

    public bool HasLines => true;

    public string? RowIs => null;

    public bool NeedsSeeking => false;

    public string Fill => "Write documents into it, with blank lines between them.";

    public IEnumerable<ContainerRow> Read(Stream stream, string path)
    {
        using var row = new RowText();
        var document = new ArrayBufferWriter<byte>();
        var first = 0;
        foreach (var line in JsonLines.Lines(stream, path, Remedy))
        {
            var isBlank = line.Bytes.Trim(" \t"u8).IsEmpty;
            if (isBlank && first > 0)
            {
                using var read = Row(row, document);
                yield return Whole(first, read, document);
                first = 0;
            }
            if (isBlank)
                continue;
            if (first == 0)
            {
                document.ResetWrittenCount();
                first = line.Number;
            }
            else if (document.WrittenCount <= JsonLines.MostRowBytes)
            {
                document.Write("\n"u8);
            }
            // What is too long is too long: its end is not kept.
            if (document.WrittenCount <= JsonLines.MostRowBytes)
                document.Write(line.Bytes.Span);
        }
        if (first > 0)
        {
            using var read = Row(row, document);
            yield return Whole(first, read, document);
        }
    }

    private static ContainerRow Whole(int line, JsonDocument? row, ArrayBufferWriter<byte> document) => row is not null ? new ContainerRow(line, row.RootElement)
        : new ContainerRow(line, default, Utf8.IsValid(document.WrittenSpan) ? $"the row is longer than 16 MB. {Remedy}" : "the row has text that is not Unicode. Save the file as UTF-8, or drop the row.");

    private static JsonDocument? Row(RowText row, ArrayBufferWriter<byte> document)
    {
        if (document.WrittenCount > JsonLines.MostRowBytes || !Utf8.IsValid(document.WrittenSpan))
            return null;
        var writer = row.Start();
        writer.WriteStartObject();
        writer.WriteString("text"u8, document.WrittenSpan);
        writer.WriteEndObject();
        return row.Finish();
    }
}
