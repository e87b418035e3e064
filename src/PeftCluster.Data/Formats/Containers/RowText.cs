using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>Where a container without JSON writes a row as a JSON object; one buffer for all rows.</summary>
internal sealed class RowText : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 12);

    public RowText() => Writer = new Utf8JsonWriter(_bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public Utf8JsonWriter Writer { get; }

    /// <summary>Starts the next row.</summary>
    public Utf8JsonWriter Start()
    {
        _bytes.ResetWrittenCount();
        Writer.Reset(_bytes);
        return Writer;
    }

    /// <summary>The row that was written, valid until the next one is started; null where it is longer than 16 MB.</summary>
    public JsonDocument? Finish()
    {
        Writer.Flush();
        return _bytes.WrittenCount > JsonLines.MostRowBytes ? null : JsonDocument.Parse(_bytes.WrittenMemory);
    }

    public void Dispose() => Writer.Dispose();
}
