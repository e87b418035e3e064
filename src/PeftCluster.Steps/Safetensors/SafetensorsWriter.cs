using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PeftCluster.Steps.Safetensors;

/// <summary>Gives the bytes of a tensor when they are written: little endian, row-major.</summary>
public delegate ReadOnlySpan<byte> TensorBytes();

/// <summary>One tensor to write.</summary>
/// <param name="Name">Its name; no two are equal.</param>
/// <param name="Type">The format of its numbers.</param>
/// <param name="Shape">Row-major; empty for a scalar.</param>
/// <param name="Bytes">Called once, while the file is written.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, TensorBytes Bytes)
{
    /// <summary>Writes the tensor's bytes itself, however many they are; null: <see cref="Bytes"/> gives them.</summary>
    public Action<Stream>? Write { get; init; }

    /// <summary>A tensor that may be larger than a span, or that lies somewhere else.</summary>
    public static SafetensorsTensor Of(string name, SafetensorsType type, IReadOnlyList<long> shape, Action<Stream> write) =>
        new(name, type, shape, () => throw new InvalidOperationException("the tensor is written as a stream")) { Write = write };

    /// <summary>A float32 tensor over memory that must not change before it is written.</summary>
    public static SafetensorsTensor Of(string name, IReadOnlyList<long> shape, ReadOnlyMemory<float> values) =>
        new(name, SafetensorsType.F32, shape, () => MemoryMarshal.AsBytes(values.Span));
}

/// <summary>
/// Writes a safetensors file byte for byte as the reference implementation does: tensors by number format (last of
/// <see cref="SafetensorsType"/> first), then by name; compact JSON; the header padded with spaces to 8 bytes. So equal
/// tensors give equal files, and their SHA-256 can be compared.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>The metadata that PyTorch tools expect and PEFT writes.</summary>
    public static IReadOnlyDictionary<string, string> PyTorch { get; } = new Dictionary<string, string> { ["format"] = "pt" };

    /// <summary>Writes header and data.</summary>
    /// <param name="stream">Where to; written to the end, not flushed to disk.</param>
    /// <param name="tensors">In any order.</param>
    /// <param name="metadata">Texts; null for <see cref="PyTorch"/>.</param>
    public static void Write(Stream stream, IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        SafetensorsTensor[] sorted = [.. tensors.OrderByDescending(tensor => tensor.Type).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)];
        var header = Header(sorted, metadata ?? PyTorch);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in sorted)
        {
            if (tensor.Write is { } write)
            {
                var due = stream.Position + LengthOf(tensor);
                write(stream);
                ArgumentOutOfRangeException.ThrowIfNotEqual(stream.Position, due, tensor.Name);
                continue;
            }
            var bytes = tensor.Bytes();
            if (bytes.Length != LengthOf(tensor))
                throw new ArgumentException($"\"{tensor.Name}\": {bytes.Length} bytes do not fill {tensor.Type} [{string.Join(", ", tensor.Shape)}]", nameof(tensors));
            stream.Write(bytes);
        }
    }

    private static byte[] Header(SafetensorsTensor[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        // Like serde, escape nothing but quotes, backslashes and control characters.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                var end = offset + LengthOf(tensor);
                WriteTensor(json, tensor, offset, end);
                offset = end;
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
            return;
        json.WriteStartObject("__metadata__");
        foreach (var (key, text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, text);
        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, SafetensorsTensor tensor, long begin, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.ToString());
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static long LengthOf(SafetensorsTensor tensor) =>
        tensor.Shape.Aggregate((long)tensor.Type.Size(), (product, size) => checked(product * size));
}
