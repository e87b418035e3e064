namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// The structs of parquet.thrift (format 2.12), each with the kinds of its fields from number 1 on: i a whole number, y a byte, d a double, b true or false, s bytes,
/// [X] a list, a name a struct, - nothing that is read. What is encrypted is not read here, so its fields may not be there: !.
/// </summary>
internal static class ParquetLayout
{
    public const string File = "FileMetaData";

    public const string Page = "PageHeader";

    private static readonly Dictionary<string, string[]> Structs = new()
    {
        [File] = "i [SchemaElement] i [RowGroup] [KeyValue] s [ColumnOrder] ! !".Split(' '),
        ["SchemaElement"] = "i i i s i i i i i LogicalType".Split(' '),
        ["LogicalType"] = "Empty Empty Empty Empty Decimal Empty Time Time - Integer Empty Empty Empty Empty Empty Variant Geometry Geography".Split(' '),
        ["Decimal"] = ["i", "i"],
        ["Time"] = ["b", "Unit"],
        ["Unit"] = ["Empty", "Empty", "Empty"],
        ["Integer"] = ["y", "b"],
        ["Variant"] = ["y"],
        ["Geometry"] = ["s"],
        ["Geography"] = ["s", "i"],
        ["Empty"] = [],
        ["KeyValue"] = ["s", "s"],
        ["ColumnOrder"] = ["Empty"],
        ["RowGroup"] = "[ColumnChunk] i i [SortingColumn] i i i".Split(' '),
        ["SortingColumn"] = ["i", "b", "b"],
        ["ColumnChunk"] = "s i ColumnMetaData i i i i ! !".Split(' '),
        ["ColumnMetaData"] = "i [i] [s] i i i i [KeyValue] i i i Statistics [PageEncodingStats] i i SizeStatistics GeospatialStatistics".Split(' '),
        ["Statistics"] = "s s i i s s b b".Split(' '),
        ["PageEncodingStats"] = ["i", "i", "i"],
        ["SizeStatistics"] = ["i", "[i]", "[i]"],
        ["GeospatialStatistics"] = ["BoundingBox", "[i]"],
        ["BoundingBox"] = "d d d d d d d d".Split(' '),
        [Page] = "i i i i DataPage Empty DictionaryPage DataPageOfVersion2".Split(' '),
        ["DataPage"] = "i i i i Statistics".Split(' '),
        ["DictionaryPage"] = ["i", "i", "b"],
        ["DataPageOfVersion2"] = "i i i i i i b Statistics".Split(' '),
    };

    /// <summary>The kind of a struct's field; an empty text where nobody knows the struct or the field, and it is passed over.</summary>
    public static string Of(string name, long field) =>
        Structs.TryGetValue(name, out var fields) && field > 0 && field <= fields.Length ? fields[field - 1] : "";
}
