using Parquet.Meta;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// Walks the pages of a Parquet column before the library reads them: each has a header of Thrift with the sizes of what follows. Sizes that
/// cannot be would make the library reserve them.
/// </summary>
internal static class ParquetPages
{
    private const int LongestHeader = 1 << 20;
    private const int FirstHeader = 1 << 10;

    // Fields of PageHeader (parquet.thrift), and of the headers of a page's kind within it: their first says how many values there are.
    private const int UncompressedSize = 2, CompressedSize = 3, DataPage = 5, DictionaryPage = 7, DataPageOfVersion2 = 8, Values = 1;

    /// <summary>Whether the column's pages hold together, as far as their headers say.</summary>
    public static bool AreSound(Stream stream, ColumnMetaData column)
    {
        var at = column.DictionaryPageOffset is > 0 and var dictionary ? Math.Min(dictionary, column.DataPageOffset) : column.DataPageOffset;
        long values = 0;
        while (values < column.NumValues)
        {
            if (Header(stream, at, out var numbers) is not (> 0 and var length))
                return false;
            long Field(int part, int field) => numbers.GetValueOrDefault((part, field));
            var (packed, unpacked) = (Field(0, CompressedSize), Field(0, UncompressedSize));
            var data = Field(DataPage, Values) + Field(DataPageOfVersion2, Values);
            if (packed < 0 || packed > stream.Length - at - length || unpacked < 0 || unpacked > column.TotalUncompressedSize + LongestHeader
                || data < 0 || data > column.NumValues - values || Field(DictionaryPage, Values) is var distinct && (distinct < 0 || distinct > column.NumValues)
                || (data == 0 && packed == 0 && !numbers.ContainsKey((DictionaryPage, Values))))
                return false;
            values += data;
            at += length + packed;
        }
        return true;
    }

    /// <summary>The length of the header that starts at a place, at most 1 MB; 0: there is none.</summary>
    private static int Header(Stream stream, long at, out IReadOnlyDictionary<(int Struct, int Field), long> numbers)
    {
        for (var size = FirstHeader; ; size *= 32)
        {
            var bytes = new byte[Math.Min(size, Math.Max(0, stream.Length - at))];
            stream.Position = at;
            stream.ReadExactly(bytes);
            var length = ThriftShape.LengthOf(bytes, ParquetLayout.Page, out numbers);
            if (length > 0 || bytes.Length < size || size >= LongestHeader)
                return length;
        }
    }
}
