using System.Globalization;
using System.Text.Json;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Formats;

/// <summary>One line's object, with the refusals that name file, line, fields and remedy.</summary>
internal readonly record struct ExampleRow(JsonElement Element, string Path, int Line, IExampleFormat Format)
{
    /// <summary>A field's value, whatever it is.</summary>
    public bool TryFind(string field, out JsonElement value) => Element.TryGetProperty(field, out value);

    /// <summary>A field's value, which has to be there.</summary>
    public JsonElement Find(string field) => TryFind(field, out var value) ? value : throw Missing(field);

    /// <summary>A text; empty where the field is missing or null.</summary>
    public string Optional(string field) =>
        TryFind(field, out var value) && value.ValueKind != JsonValueKind.Null ? Text(field, value) : "";

    public string Required(string field) => Text(field, Find(field));

    public BadInputException Bad(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Path}:{Line}: {what}"));

    private string Text(string field, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Bad($"\"{field}\" is {Kind(value)}, not a text. Put it in quotes, or fix the row.");

    /// <summary>Names what was expected and what is there; where another format fits, that is the remedy.</summary>
    private BadInputException Missing(string field)
    {
        string[] found = [.. Element.EnumerateObject().Select(property => OneLine.Piece(property.Name))];
        var shown = found.Length == 0 ? "nothing" : string.Join(", ", found.Take(8)) + (found.Length > 8 ? ", …" : "");
        var own = Format.Name;
        var fitting = ExampleFormats.All.FirstOrDefault(other => other.Name != own && other.RequiredFields.All(found.Contains));
        var remedy = fitting is null ? "Fix the row, or set data.format." : $"Set data.format: {fitting.Name}.";
        return Bad($"\"{field}\" is missing. Format {Format.Name} expects {Format.Expects}; this row has {shown}. {remedy}");
    }

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Number => "a number",
        JsonValueKind.String => "a text",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
