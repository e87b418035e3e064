using System.Text.Json;
using PeftCluster.Jobs;

namespace PeftCluster.Steps.Safetensors;

/// <summary>
/// The JSON of a header, read token by token: <see cref="JsonDocument"/> would accept a key that comes twice, and then
/// two readers of one file may see two different tensors.
/// </summary>
internal static class SafetensorsHeaderJson
{
    private const string MetadataKey = "__metadata__";

    /// <summary>Tensors in the order of the header, and its texts.</summary>
    public static (List<SafetensorsEntry> Tensors, Dictionary<string, string> Metadata) Read(ReadOnlySpan<byte> json, string file)
    {
        var tensors = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(json);
            Expect(ref reader, JsonTokenType.StartObject, file, "the header");
            while (NextName(ref reader) is { } name)
            {
                if (!names.Add(name))
                    throw SafetensorsHeader.Refused(file, $"\"{name}\" comes twice in the header");
                if (name == MetadataKey)
                    ReadMetadata(ref reader, metadata, file);
                else
                    tensors.Add(ReadTensor(ref reader, name, file));
            }
            // Only white space may follow, which the file pads the header with.
            reader.Read();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new BadInputException(SafetensorsHeader.Refused(file, "the header is not valid JSON").Message, error);
        }
        return (tensors, metadata);
    }

    private static SafetensorsEntry ReadTensor(ref Utf8JsonReader reader, string name, string file)
    {
        SafetensorsType? type = null;
        long[]? shape = null, offsets = null;
        var what = $"\"{name}\"";
        Expect(ref reader, JsonTokenType.StartObject, file, what);
        while (NextName(ref reader) is { } key)
        {
            var twice = key switch { "dtype" => type is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            if (twice)
                throw SafetensorsHeader.Refused(file, $"{what} has {key} twice");
            switch (key)
            {
                case "dtype":
                    type = ReadType(ref reader, what, file);
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, $"{what}: shape", file);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, $"{what}: data_offsets", file);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        if (type is null || shape is null || offsets is not { Length: 2 })
            throw SafetensorsHeader.Refused(file, $"{what} needs dtype, shape and two data_offsets");
        return new SafetensorsEntry(name, type.Value, shape, offsets[0], offsets[1]);
    }

    private static SafetensorsType ReadType(ref Utf8JsonReader reader, string what, string file)
    {
        Expect(ref reader, JsonTokenType.String, file, $"{what}: dtype");
        var text = reader.GetString();
        // Enum.TryParse also takes numbers and lists, which no file may say.
        return text is not null && Enum.GetNames<SafetensorsType>().Contains(text, StringComparer.Ordinal)
            ? Enum.Parse<SafetensorsType>(text)
            : throw SafetensorsHeader.Refused(file, $"{what} has the unknown dtype \"{text}\"");
    }

    private static long[] ReadNumbers(ref Utf8JsonReader reader, string what, string file)
    {
        Expect(ref reader, JsonTokenType.StartArray, file, what);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw SafetensorsHeader.Refused(file, $"{what} must be whole numbers, 0 or above");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata, string file)
    {
        Expect(ref reader, JsonTokenType.StartObject, file, MetadataKey);
        while (NextName(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, file, $"{MetadataKey}: \"{key}\"");
            metadata[key] = reader.GetString()!;
        }
    }

    private static string? NextName(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string file, string what)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw SafetensorsHeader.Refused(file, $"{what} is not {Named(type)}");
    }

    private static string Named(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        _ => "a text",
    };
}
