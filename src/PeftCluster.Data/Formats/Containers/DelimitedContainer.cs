using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsvHelper;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// CSV or TSV, as RFC 4180 has it: the first row names the columns, every value is a text, a quoted one may hold separators and line breaks. A
/// quote within an unquoted value is a character as any other (pandas reads it so too). What else is wrong with quotes, or a row
/// with more or fewer values than columns, is the row's problem: guessing would train on shifted columns.
/// </summary>
/// <param name="name">csv or tsv.</param>
/// <param name="separator">What stands between two values.</param>
internal sealed class DelimitedContainer(string name, char separator) : IRowContainer
{
    public string Name => name;

    public bool HasLines => true;

    public string? RowIs => null;

    public bool NeedsSeeking => false;

    public string Fill => "Write the names of the columns on the first line, and a row on each line after it.";

    public IEnumerable<ContainerRow> Read(Stream stream, string path)
    {
        var problems = new Problems();
        using var reader = CsvReader.Create(stream, Options(problems), leaveOpen: true);
        using var text = new RowText();
        if (!Next(reader, path))
            yield break;
        var columns = Columns(reader, path);
        while (Next(reader, path))
        {
            var number = (int)reader.LineNumber;
            var problem = problems.Of(reader.RowNumber) ?? Problem(reader, columns.Count);
            using var row = problem is null ? Row(reader, columns, text) : null;
            problem ??= row is null ? "the row is longer than 16 MB. Shorten it, or look for a quote that is never closed." : null;
            yield return new ContainerRow(number, row?.RootElement ?? default, problem);
        }
    }

    private CsvReaderOptions Options(Problems problems) => new()
    {
        Separator = separator,
        HasHeader = false,
        SkipEmptyLines = true,
        TrackLineNumbers = true,
        MaxRecordSize = JsonLines.MostRowBytes,
        MalformedData = CsvMalformedDataHandling.Recover,
        OnMalformedRecord = problems.Add,
        FieldCountMismatch = CsvFieldCountHandling.Allow,
    };

    private static bool Next(CsvReader reader, string path)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException broken)
        {
            var line = Math.Max(1, broken.LineNumber);
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"{path}:{line}: the row cannot be read, or is longer than 16 MB. Look for a quote that is never closed, or shorten it."), broken);
        }
        catch (DecoderFallbackException broken)
        {
            throw new BadInputException($"{path}: the file has text that is not Unicode. Save it as UTF-8.", broken);
        }
    }

    private static List<string> Columns(CsvReader reader, string path)
    {
        var columns = new List<string>();
        for (var field = 0; field < reader.FieldCount; field++)
        {
            var column = Utf8.IsValid(reader.GetSpan(field))
                ? reader.GetString(field).Trim()
                : throw new BadInputException($"{path}:1: the names of the columns are not Unicode. Save the file as UTF-8.");
            // A column without a name is what pandas writes for its index; several would be no keys.
            if (column.Length > 0 && columns.Contains(column))
                throw new BadInputException($"{path}:1: two columns are named \"{OneLine.Piece(column)}\". Rename one: the first line names the columns.");
            columns.Add(column);
        }
        return columns;
    }

    private static string? Problem(CsvReader reader, int columns)
    {
        if (reader.FieldCount != columns)
            return string.Create(CultureInfo.InvariantCulture, $"the row has {reader.FieldCount} values, and the first line names {columns} columns. Put a value that holds a separator in quotes.");
        for (var field = 0; field < columns; field++)
        {
            if (!Utf8.IsValid(reader.GetSpan(field)))
                return "the row has text that is not Unicode. Save the file as UTF-8, or drop the row.";
        }
        return null;
    }

    private static JsonDocument? Row(CsvReader reader, List<string> columns, RowText text)
    {
        var writer = text.Start();
        writer.WriteStartObject();
        for (var field = 0; field < columns.Count; field++)
        {
            if (columns[field].Length > 0)
                writer.WriteString(columns[field], reader.GetSpan(field));
        }
        writer.WriteEndObject();
        return text.Finish();
    }

    /// <summary>What the library found wrong with quotes, by the record's number; it looks ahead, so this waits for the record.</summary>
    private sealed class Problems
    {
        private readonly Dictionary<long, string> _byRecord = [];

        public void Add(CsvMalformedRecord record)
        {
            var what = record.Reason switch
            {
                CsvMalformedReason.UnterminatedQuote => "a quote that is never closed. Close it",
                CsvMalformedReason.TextAfterClosingQuote => "text behind a closing quote. Write two quotes for one that belongs to the text",
                _ => null,
            };
            if (what is not null)
                _byRecord.TryAdd(record.RecordNumber, $"the row has {what}, or fix the row.");
        }

        public string? Of(long record) => _byRecord.Remove(record, out var problem) ? problem : null;
    }
}
