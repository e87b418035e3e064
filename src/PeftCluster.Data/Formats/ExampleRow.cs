using System.Text.Json;

namespace PeftCluster.Data.Formats;

/// <summary>A row's object, read by the format's names for its fields, with the refusals that name fields and remedy.</summary>
/// <param name="Element">The object.</param>
/// <param name="Line">Its line, or its number where the file has no lines.</param>
/// <param name="Format">Who reads it.</param>
/// <param name="Columns">What the fields are named in the file.</param>
internal readonly record struct ExampleRow(JsonElement Element, int Line, IExampleFormat Format, RowColumns Columns)
{
    /// <summary>A field's value, whatever it is.</summary>
    public bool TryFind(string field, out JsonElement value) => Element.TryGetProperty(Columns.Of(field), out value);

    /// <summary>A text; empty where the field is missing or null.</summary>
    public string Optional(string field) =>
        TryFind(field, out var value) && value.ValueKind != JsonValueKind.Null ? Text(field, value) : "";

    public string Required(string field) => Text(field, Find(field));

    /// <summary>A text or a number, as it is written: classes have names or numbers.</summary>
    public string TextOrNumber(string field)
    {
        var value = Find(field);
        return value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Text(field, value);
    }

    /// <summary>A field's value, which has to be there.</summary>
    public JsonElement Find(string field) => TryFind(field, out var value) ? value : throw Missing(field);

    public static RowRefused Bad(string what) => new(what);

    private string Text(string field, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Bad($"{Named(field)} is {Kind(value)}, not a text. Put it in quotes, or fix the row.");

    /// <summary>Names what was expected and what is there; where another format fits, that is the remedy.</summary>
    private RowRefused Missing(string field)
    {
        string[] found = [.. Element.EnumerateObject().Select(property => OneLine.Piece(property.Name))];
        var shown = found.Length == 0 ? "nothing" : string.Join(", ", found.Take(8)) + (found.Length > 8 ? ", …" : "");
        var own = Format;
        var fitting = ExampleFormats.All.FirstOrDefault(other => other.Name != own.Name && other.RequiredFields.All(found.Contains));
        var remedy = fitting is null ? "Fix the row, or set data.format or data.columns." : $"Set data.format: {fitting.Name}.";
        return Bad($"{Named(field)} is missing. Format {Format.Name} expects {Format.Expects}; this row has {shown}. {remedy}");
    }

    private string Named(string field) => Columns.Of(field) == field ? $"\"{field}\"" : $"\"{OneLine.Piece(Columns.Of(field))}\" (data.columns: {field})";

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
