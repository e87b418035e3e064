using System.Globalization;
using System.Text.Json;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>JSON Lines: a JSON object on each line. A line that is not JSON spoils no other.</summary>
internal sealed class JsonLinesContainer : IRowContainer
{
    public string Name => "jsonl";

    public bool HasLines => true;

    public string RowIs => "an object on each line";

    public bool NeedsSeeking => false;

    public string Fill => "Write one JSON object on each line.";

    public IEnumerable<ContainerRow> Read(Stream stream, string path)
    {
        foreach (var line in JsonLines.Read(stream, path))
        {
            var (document, problem) = Parse(line.Bytes);
            using (document)
                yield return new ContainerRow(line.Number, document?.RootElement ?? default, problem);
        }
    }

    private static (JsonDocument? Document, string? Problem) Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return (JsonDocument.Parse(bytes), null);
        }
        catch (JsonException broken)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"the row is not JSON (near byte {broken.BytePositionInLine + 1} of the line)."));
        }
    }
}
