using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Meta;
using Parquet.Serialization;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// Parquet, row group by row group: memory holds one of them. Lists, structs and maps become JSON. The library trusts what a file says of
/// itself, so sizes are held against the file's length first, and whatever it throws on damage is one line.
/// </summary>
internal sealed class ParquetContainer : IRowContainer
{
    /// <summary>The most bytes of a row group, unpacked.</summary>
    private const long LargestGroup = 1L << 30;

    /// <summary>The most rows of a row group, and the most values that a column of few bytes may claim to have: equal ones pack well.</summary>
    private const long MostRows = 4_000_000;

    /// <summary>What packs better is damaged; below some size nobody cares.</summary>
    private const long MostPacked = 4096;
    private const long AlwaysAllowed = 64 << 20;

    public string Name => "parquet";

    public bool HasLines => false;

    public string? RowIs => null;

    public bool NeedsSeeking => true;

    public string Fill => "Write a row for each example.";

    public IEnumerable<ContainerRow> Read(Stream stream, string path)
    {
        var groups = Checked(stream, path);
        using var text = new RowText();
        var number = 0;
        for (var group = 0; group < groups; group++)
        {
            foreach (var row in RowsOf(stream, path, group))
            {
                using var document = Row(row, text, path, ++number);
                yield return document is null
                    ? new ContainerRow(number, default, "the row is longer than 16 MB. Shorten it.")
                    : new ContainerRow(number, document.RootElement);
            }
        }
    }

    /// <summary>How many row groups there are, if all that the file says of them can be.</summary>
    private static int Checked(Stream stream, string path)
    {
        CheckEnd(stream, path);
        var meta = Guarded(path, async () =>
        {
            await using var reader = await ParquetReader.CreateAsync(stream, null, leaveStreamOpen: true);
            return reader.Metadata ?? throw new InvalidDataException("no metadata");
        });
        foreach (var (number, group) in meta.RowGroups.Index())
        {
            if (group.NumRows > MostRows)
                throw TooLarge(path, number, group.NumRows, MostRows, "rows");
            long bytes = 0;
            foreach (var column in group.Columns)
            {
                if (column.MetaData is not { } chunk || !IsSound(chunk, group, stream.Length) || !ParquetPages.AreSound(stream, chunk))
                    throw Damaged(path);
                bytes += chunk.TotalUncompressedSize;
            }
            if (bytes > LargestGroup)
                throw TooLarge(path, number, bytes >> 20, LargestGroup >> 20, "MB");
        }
        stream.Position = 0;
        return meta.RowGroups.Count;
    }

    private static bool IsSound(ColumnMetaData chunk, RowGroup group, long length) =>
        group.NumRows is >= 0 and <= int.MaxValue && chunk.NumValues is >= 0 and <= int.MaxValue
        && chunk.TotalCompressedSize >= 0 && chunk.TotalUncompressedSize >= 0 && chunk.TotalCompressedSize <= length
        && chunk.DataPageOffset >= 0 && chunk.DataPageOffset < length && (chunk.DictionaryPageOffset ?? 0) >= 0 && (chunk.DictionaryPageOffset ?? 0) < length
        && chunk.TotalUncompressedSize <= Math.Max(AlwaysAllowed, MostPacked * chunk.TotalCompressedSize)
        && chunk.NumValues <= Math.Max(MostRows, 8 * chunk.TotalCompressedSize);

    /// <summary>The file's frame: PAR1, pages, a struct of Thrift, its length, PAR1.</summary>
    private static void CheckEnd(Stream stream, string path)
    {
        Span<byte> end = stackalloc byte[8];
        if (stream.Length < 12)
            throw Damaged(path);
        stream.Position = stream.Length - 8;
        stream.ReadExactly(end);
        var length = BinaryPrimitives.ReadInt32LittleEndian(end);
        if (end[4..].SequenceEqual("PARE"u8))
            throw new BadInputException($"{path}: the file is encrypted. Write it without encryption.");
        if (!end[4..].SequenceEqual("PAR1"u8) || length <= 0 || length > stream.Length - 12)
            throw Damaged(path);
        var footer = new byte[length];
        stream.Position = stream.Length - 8 - length;
        stream.ReadExactly(footer);
        if (!ThriftShape.IsStruct(footer, ParquetLayout.File))
            throw Damaged(path);
        stream.Position = 0;
    }

    private static IList<Dictionary<string, object>> RowsOf(Stream stream, string path, int group) =>
        Guarded(path, async () => (await ParquetSerializer.DeserializeUntypedAsync(stream, null, group)).Data);

    private static JsonDocument? Row(Dictionary<string, object> row, RowText text, string path, int number)
    {
        try
        {
            var writer = text.Start();
            writer.WriteStartObject();
            foreach (var (column, value) in row)
            {
                writer.WritePropertyName(column);
                ParquetValue.Write(writer, value);
            }
            writer.WriteEndObject();
            return text.Finish();
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{path}: row {number}: its values cannot be read: {OneLine.Of(odd.Message)} Leave the column out, or write the file as JSON Lines."), odd);
        }
    }

    /// <summary>Runs the library, which is asynchronous over a stream that is not.</summary>
    private static T Guarded<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        // Damaged pages, and what the library lacks, end in exceptions of every kind, also in arrays of impossible sizes.
        catch (Exception failure) when (failure is not BadInputException)
        {
            throw new BadInputException($"{path}: {OneLine.Of(failure.Message).TrimEnd('.')}: the file is damaged, or stored in a way that is not read here. Write it again, with data pages of version 1 (pyarrow's default).", failure);
        }
    }

    private static BadInputException TooLarge(string path, int group, long found, long most, string what) => new(string.Create(CultureInfo.InvariantCulture,
        $"{path}: row group {group + 1} has {found:N0} {what}, and at most {most:N0} are read at once. Write the file with smaller row groups."));

    private static BadInputException Damaged(string path) => new($"{path}: is no whole Parquet file. Copy or write it again.");
}
