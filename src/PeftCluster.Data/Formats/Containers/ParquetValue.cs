using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>A value of a Parquet column as JSON. Dates are texts as ISO 8601 writes them; bytes are a text where they are UTF-8.</summary>
internal static class ParquetValue
{
    /// <exception cref="NotSupportedException">The value is of a kind that JSON has nothing for.</exception>
    public static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case ReadOnlyMemory<char> text:
                writer.WriteStringValue(text.Span);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case byte[] bytes:
                WriteBytes(writer, bytes);
                break;
            case ReadOnlyMemory<byte> bytes:
                WriteBytes(writer, bytes.Span);
                break;
            case IDictionary map:
                WriteMap(writer, map);
                break;
            case IEnumerable list:
                WriteList(writer, list);
                break;
            default:
                WriteScalar(writer, value);
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case float or double when !double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                writer.WriteNullValue();
                break;
            case float number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case DateTime time:
                writer.WriteStringValue(time);
                break;
            case DateOnly or TimeOnly or TimeSpan or Guid or DateTimeOffset:
                writer.WriteStringValue(((IFormattable)value).ToString(value is DateOnly or TimeOnly or DateTimeOffset ? "O" : null, CultureInfo.InvariantCulture));
                break;
            default:
                throw new NotSupportedException($"{value.GetType().Name} is no kind of value that is known here.");
        }
    }

    /// <summary>Pictures and the like are no text; who names such a column reads that it is an object.</summary>
    private static void WriteBytes(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            writer.WriteStringValue(bytes);
            return;
        }
        writer.WriteStartObject();
        writer.WriteNumber("bytes", bytes.Length);
        writer.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter writer, IDictionary map)
    {
        writer.WriteStartObject();
        foreach (DictionaryEntry entry in map)
        {
            writer.WritePropertyName(entry.Key switch
            {
                ReadOnlyMemory<char> text => text.ToString(),
                IFormattable key => key.ToString(null, CultureInfo.InvariantCulture),
                var key => key.ToString() ?? "",
            });
            Write(writer, entry.Value);
        }
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, IEnumerable list)
    {
        writer.WriteStartArray();
        foreach (var element in list)
            Write(writer, element);
        writer.WriteEndArray();
    }
}
