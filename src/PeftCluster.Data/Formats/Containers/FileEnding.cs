namespace PeftCluster.Data.Formats.Containers;

/// <summary>How a file is packed as a whole.</summary>
internal enum Packing
{
    None,
    Gzip,
    Zstandard,
}

/// <summary>
/// What a file's name says of its content: <c>rows.csv.gz</c> is a CSV file, packed by gzip. A name that says nothing is JSON Lines.
/// </summary>
internal readonly record struct FileEnding(IRowContainer Container, Packing Packing)
{
    private static readonly JsonLinesContainer Lines = new();

    private static readonly Dictionary<string, IRowContainer> Containers = new(StringComparer.OrdinalIgnoreCase)
    {
        [".jsonl"] = Lines,
        [".ndjson"] = Lines,
        [".json"] = new JsonListContainer(),
        [".csv"] = new DelimitedContainer("csv", ','),
        [".tsv"] = new DelimitedContainer("tsv", '\t'),
        [".txt"] = new TextContainer(),
        [".parquet"] = new ParquetContainer(),
    };

    public static FileEnding Of(string path)
    {
        var (bare, packing) = Unpacked(path);
        return new FileEnding(Containers.GetValueOrDefault(Path.GetExtension(bare), Lines), packing);
    }

    /// <summary>Whether a name says that the file has rows: which files of a folder are taken. Text is none of them: a README or a licence is text too.</summary>
    public static bool IsData(string path) => Containers.TryGetValue(Path.GetExtension(Unpacked(path).Bare), out var container) && container is not TextContainer;

    private static (string Bare, Packing Packing) Unpacked(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".GZ" => (path[..^3], Packing.Gzip),
        ".ZST" => (path[..^4], Packing.Zstandard),
        _ => (path, Packing.None),
    };
}
