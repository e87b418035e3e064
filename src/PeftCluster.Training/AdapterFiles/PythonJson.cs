using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PeftCluster.Training.AdapterFiles;

/// <summary>JSON as Python's <c>json.dumps(…, indent=2, sort_keys=True)</c> writes it: PEFT's configuration files are compared with ours line by line.</summary>
internal static class PythonJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text, without an end of line.</summary>
    public static string Dump(JsonObject values)
    {
        var sorted = new JsonObject();
        foreach (var (key, value) in values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            sorted[key] = value?.DeepClone();
        return sorted.ToJsonString(Options);
    }

    /// <summary>A Python float: it always has a point or an exponent, so that it is read back as a float.</summary>
    public static JsonNode Float(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
        return JsonNode.Parse(text.AsSpan().ContainsAny('.', 'e') ? text : text + ".0")!;
    }

    /// <summary>A whole number where it is one, as in <c>lora_alpha</c>; a float otherwise.</summary>
    public static JsonNode Number(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < int.MaxValue ? JsonValue.Create((int)value) : Float(value);

    /// <summary>A Python set of names, in the order of the alphabet.</summary>
    public static JsonArray Names(IEnumerable<string> names) => new([.. names.Order(StringComparer.Ordinal).Select(name => JsonValue.Create(name))]);
}
