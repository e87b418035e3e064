using System.Text.Json;
using System.Text.Json.Serialization;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Wire;

/// <summary>A source's description within an event, as <see cref="WireDescription"/>: plain values, and the layout laid out again by the reader.</summary>
internal sealed class SourceDescriptionConverter : JsonConverter<SourceDescription>
{
    public override SourceDescription Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var plain = JsonSerializer.Deserialize(ref reader, WireJson.Default.WireDescription) ?? throw new JsonException("no description of what is trained");
        try
        {
            return plain.Open();
        }
        catch (InvalidDataException differs)
        {
            throw new JsonException(differs.Message, differs);
        }
    }

    public override void Write(Utf8JsonWriter writer, SourceDescription value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, WireDescription.Of(value), WireJson.Default.WireDescription);
}
