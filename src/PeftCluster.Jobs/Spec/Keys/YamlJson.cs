using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Keys;

/// <summary>A written value as JSON, for the schema's defaults: unquoted numbers, true, false and null are themselves.</summary>
internal static class YamlJson
{
    public static JsonNode? Of(YamlNode node) => node switch
    {
        ScalarNode { IsNull: true } => null,
        ScalarNode { Quoted: false } scalar when IsNumber(scalar.Text) || scalar.Text is "true" or "false" => JsonNode.Parse(scalar.Text),
        ScalarNode scalar => JsonValue.Create(scalar.Text),
        ListNode list => new JsonArray([.. list.Items.Select(Of)]),
        MapNode map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key, Of(entry.Value)))),
        _ => throw new System.Diagnostics.UnreachableException(node.GetType().Name),
    };

    // A written number begins and ends with a digit, but for a sign; a word may end with one (ia3).
    private static bool IsNumber(string text) => char.IsAsciiDigit(text[^1]) && (char.IsAsciiDigit(text[0]) || text[0] is '-');
}
