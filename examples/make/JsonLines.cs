using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PeftCluster.Examples.Make;

/// <summary>Rows of data, one JSON object a line; names in camel case, characters as they are.</summary>
public static class JsonLines
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write<T>(string path, IEnumerable<T> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
            text.Append(JsonSerializer.Serialize(row, Plain)).Append('\n');
        File.WriteAllText(path, text.ToString());
    }

    public static IReadOnlyList<T> Read<T>(string path) =>
        [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<T>(line, Plain)!)];
}
