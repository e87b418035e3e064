using System.Security.Cryptography;
using System.Text.Json;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>
/// Streams the examples of a data file, in the file's order. Blank completions are refused or counted, as
/// <see cref="DataSpec.OnEmpty"/> says. After the last row, <see cref="Sha256"/> is the hash of all bytes that were read.
/// </summary>
public sealed class ExampleReader(string path, DataSpec data)
{
    private readonly IExampleFormat _format = ExampleFormats.Of(data);

    /// <summary>Rows left out because their completion is blank.</summary>
    public int Skipped { get; private set; }

    /// <summary>SHA-256 of the file as it was read, 64 hex digits; null until the last row was read.</summary>
    public string? Sha256 { get; private set; }

    /// <exception cref="BadInputException">The file cannot be read, or a row is not what the format says: file, line, what, remedy.</exception>
    public IEnumerable<Example> Read()
    {
        using var hash = SHA256.Create();
        using var stream = new CryptoStream(DataFile.Open(path), hash, CryptoStreamMode.Read);
        using var lines = JsonLines.Read(stream, path).GetEnumerator();
        while (Next(lines))
        {
            var example = Parse(lines.Current);
            if (!string.IsNullOrWhiteSpace(example.Completion))
                yield return example;
            else if (data.OnEmpty == OnEmpty.Skip)
                Skipped++;
            else
                throw new BadInputException($"{path}:{example.Line}: \"{_format.CompletionField}\" is empty. An example needs at least one token to learn from. Drop the row, or set data.on_empty: skip.");
        }
        Sha256 = Convert.ToHexStringLower(hash.Hash!);
    }

    private Example Parse(JsonLine line)
    {
        try
        {
            using var document = JsonDocument.Parse(line.Bytes);
            var row = new ExampleRow(document.RootElement, path, line.Number, _format);
            return row.Element.ValueKind == JsonValueKind.Object
                ? _format.Parse(row)
                : throw row.Bad($"the row is {ExampleRow.Kind(row.Element)}, not an object. Format {_format.Name} expects an object on each line, with {_format.Expects}.");
        }
        catch (JsonException broken)
        {
            throw new BadInputException($"{path}:{line.Number}: the row is not JSON (near byte {broken.BytePositionInLine + 1} of the line). Format {_format.Name} expects an object on each line, with {_format.Expects}.", broken);
        }
        catch (InvalidOperationException broken) // bytes that are not UTF-8, or a \u escape that is half a character
        {
            throw new BadInputException($"{path}:{line.Number}: the row has text that is not Unicode. Save the file as UTF-8, or drop the row.", broken);
        }
    }

    private bool Next(IEnumerator<JsonLine> lines)
    {
        try
        {
            return lines.MoveNext();
        }
        catch (IOException unreadable)
        {
            throw DataFile.Unreadable(path, unreadable);
        }
    }
}
