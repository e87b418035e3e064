using System.Globalization;
using System.Text.Json;
using PeftCluster.Data.Formats;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// A value in a JSON file that knows where it stands, so that a wrong one is refused by its place:
/// <c>base/tokenizer.json: model.merges[17]: …</c>. A JSON null counts as missing.
/// </summary>
internal readonly record struct JsonPlace(JsonElement Element, string File, string Path)
{
    /// <summary>Parses a whole file and hands its root object to <paramref name="read"/>.</summary>
    /// <exception cref="BadInputException">The file cannot be read, is not JSON, or is no object.</exception>
    public static T Read<T>(string file, ReadOnlyMemory<byte> bytes, Func<JsonPlace, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.Span is [0xEF, 0xBB, 0xBF, ..] ? bytes[3..] : bytes);
            var root = new JsonPlace(document.RootElement, file, "");
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(root) : throw root.Bad("is not a JSON object.");
        }
        catch (JsonException broken)
        {
            var line = broken.LineNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number + 1}") : "";
            throw new BadInputException($"{file}{line}: is not JSON. Copy the file again from where the model came from.", broken);
        }
        catch (InvalidOperationException broken) // a \u escape that is half a character
        {
            throw new BadInputException($"{file}: has text that is not Unicode. Copy the file again from where the model came from.", broken);
        }
    }

    /// <summary>A field, or null where there is none.</summary>
    public JsonPlace? Get(string name)
    {
        if (Element.ValueKind != JsonValueKind.Object)
            throw Bad("is not an object.");
        var found = Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;
        return found ? At(value, name) : null;
    }

    public JsonPlace Need(string name) => Get(name) ?? throw Bad($"\"{name}\" is missing.");

    public string Text() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : throw Bad("is not a text.");

    /// <summary>The field "type", cut to what a message may show.</summary>
    public string Type() => OneLine.Piece(Need("type").Text());

    public bool Flag(string name, bool missing) => Get(name) is not { } place
        ? missing
        : place.Element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw place.Bad("is neither true nor false."),
        };

    public bool NeedFlag(string name)
    {
        Need(name);
        return Flag(name, missing: false);
    }

    /// <summary>A number, as scores are.</summary>
    public double Number() => Element.ValueKind == JsonValueKind.Number && Element.TryGetDouble(out var number) && double.IsFinite(number)
        ? number
        : throw Bad($"{Shown} is no number.");

    /// <summary>A number of things, 0 or more.</summary>
    public int Count() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var count) && count >= 0
        ? count
        : throw Bad($"{Shown} is no count.");

    /// <summary>A token's id: 0 to <see cref="TextTokenizer.MostTokens"/> − 1.</summary>
    public int Id() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var id) && id is >= 0 and < TextTokenizer.MostTokens
        ? id
        : throw Bad($"{Shown} is no token id (0 to {TextTokenizer.MostTokens - 1}).");

    public IEnumerable<JsonPlace> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array)
            throw Bad("is not a list.");
        var self = this;
        return Element.EnumerateArray().Select((item, index) =>
            new JsonPlace(item, self.File, string.Create(CultureInfo.InvariantCulture, $"{self.Path}[{index}]")));
    }

    public IEnumerable<(string Name, JsonPlace Value)> Fields()
    {
        if (Element.ValueKind != JsonValueKind.Object)
            throw Bad("is not an object.");
        var self = this;
        return Element.EnumerateObject().Select(field => (field.Name, self.At(field.Value, field.Name)));
    }

    public BadInputException Bad(string what) => new(OneLine.Of(Path.Length == 0 ? $"{File}: {what}" : $"{File}: {Path}: {what}"));

    private string Shown => OneLine.Piece(Element.GetRawText());

    private JsonPlace At(JsonElement value, string name) => new(value, File, Path.Length == 0 ? name : $"{Path}.{OneLine.Piece(name)}");
}
