using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// The JSON schema of job.yaml, by which editors complete and check it. It is generated from the same keys that reading
/// uses and committed as job.schema.json; sentences come from the doc comments, which a built program does not have, so a test generates it.
/// </summary>
public static class JobSchema
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Lazy<string> Embedded = new(() =>
    {
        using var stream = typeof(JobSchema).Assembly.GetManifestResourceStream("job.schema.json")
            ?? throw new InvalidOperationException("job.schema.json is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>The committed schema.</summary>
    public static string Json => Embedded.Value;

    /// <summary>What a method is, in the words of its record.</summary>
    /// <param name="type">A key of <see cref="MethodRegistry.Records"/>.</param>
    public static string SentencesAbout(string type) => (string)JsonNode.Parse(Json)!["properties"]!["method"]!["oneOf"]!.AsArray()
        .Select(method => method!["properties"]!["type"]!).First(method => (string?)method["const"] == type)["description"]!;

    /// <summary>The schema of the keys as they are now.</summary>
    /// <param name="describe">The sentence about a property, an enum's member or a record.</param>
    internal static string Generate(Func<MemberInfo, string> describe)
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "A PeftCluster job",
            ["description"] = "What peft train reads: which model learns what from which rows, how, and where the result goes.",
        };
        foreach (var (name, value) in JobKeys.Root.Schema(describe))
            schema[name] = value?.DeepClone();
        // Without plugins a method is one of ours, and an editor says so.
        schema["if"] = new JsonObject { ["not"] = new JsonObject { ["required"] = new JsonArray("plugins") } };
        schema["then"] = new JsonObject { ["properties"] = new JsonObject { ["method"] = new JsonObject { ["properties"] = new JsonObject { ["type"] = new JsonObject { ["enum"] = new JsonArray([.. MethodRegistry.Records.Keys.Select(type => JsonValue.Create(type))]) } } } } };
        return schema.ToJsonString(Readable) + "\n";
    }
}
