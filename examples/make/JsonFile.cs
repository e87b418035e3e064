using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PeftCluster.Examples.Make;

/// <summary>JSON as Hugging Face writes it: indented, characters as they are, a line feed at the end.</summary>
public static class JsonFile
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(string path, JsonObject content) => File.WriteAllText(path, content.ToJsonString(Indented) + "\n");
}
