using System.Buffers.Binary;
using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Steps.Safetensors;

/// <summary>
/// The header of a safetensors file: 8 bytes of length (little endian), so many bytes of JSON, then the data. Every
/// lie that a header can tell is refused before a byte of data is read, in one line with file and tensor: the rules are those
/// of the reference implementation (huggingface/safetensors), so that the two accept the same files.
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>The longest header that is read, in bytes.</summary>
    public const long MostHeaderBytes = 100_000_000;

    private SafetensorsHeader(long dataStart, IReadOnlyList<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        DataStart = dataStart;
        Tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>Where the data begin in the file, in bytes.</summary>
    public long DataStart { get; }

    /// <summary>The tensors in the order of their data, without gaps.</summary>
    public IReadOnlyList<SafetensorsEntry> Tensors { get; }

    /// <summary>Texts about the file, for example <c>format</c> = <c>pt</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads the header of a file from its start.</summary>
    /// <param name="stream">The file, at its first byte.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <exception cref="BadInputException">The header is not one, or lies.</exception>
    public static SafetensorsHeader Read(Stream stream, string file)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
            throw Refused(file, string.Create(CultureInfo.InvariantCulture, $"the file is truncated: {stream.Length} bytes are too few for a safetensors header"));
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MostHeaderBytes)
            throw Refused(file, string.Create(CultureInfo.InvariantCulture, $"the header says it is {length} bytes long; at most {MostHeaderBytes} are allowed"));
        if ((long)length > stream.Length - 8)
            throw Refused(file, string.Create(CultureInfo.InvariantCulture, $"the file is truncated: the header says it is {length} bytes long, but the file has {stream.Length}"));
        var json = new byte[length];
        stream.ReadExactly(json);
        return Parse(json, stream.Length, file);
    }

    /// <summary>Checks a header's JSON against the length of its file.</summary>
    /// <param name="json">The bytes between the length and the data.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <exception cref="BadInputException">The header is not one, or lies.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long fileLength, string file)
    {
        var (tensors, metadata) = SafetensorsHeaderJson.Read(json, file);
        tensors.Sort((left, right) => left.Begin != right.Begin ? left.Begin.CompareTo(right.Begin) : left.End.CompareTo(right.End));
        var dataStart = 8L + json.Length;
        CheckOffsets(tensors, fileLength - dataStart, file);
        return new SafetensorsHeader(dataStart, tensors, metadata);
    }

    private static void CheckOffsets(List<SafetensorsEntry> tensors, long dataLength, string file)
    {
        var end = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Begin < 0 || tensor.End < tensor.Begin || tensor.End > dataLength)
                throw Refused(file, string.Create(CultureInfo.InvariantCulture,
                    $"\"{tensor.Name}\" lies at bytes {tensor.Begin} to {tensor.End}, but the file has {Math.Max(dataLength, 0)} bytes of data"));
            if (BytesOf(tensor) is var expected && expected != tensor.Length)
                throw Refused(file, string.Create(CultureInfo.InvariantCulture,
                    $"\"{tensor.Name}\" has {tensor.Length} bytes, but {tensor.Type} [{string.Join(", ", tensor.Shape)}] needs {expected?.ToString(CultureInfo.InvariantCulture) ?? "more than fit"}"));
            if (tensor.Begin < end)
                throw Refused(file, $"\"{tensor.Name}\" overlaps another tensor");
            if (tensor.Begin > end)
                throw Refused(file, string.Create(CultureInfo.InvariantCulture, $"{tensor.Begin - end} bytes before \"{tensor.Name}\" belong to no tensor"));
            end = tensor.End;
        }
        if (end != dataLength)
            throw Refused(file, string.Create(CultureInfo.InvariantCulture, $"{dataLength - end} bytes at the end belong to no tensor"));
    }

    private static long? BytesOf(SafetensorsEntry tensor)
    {
        var bytes = (long)tensor.Type.Size();
        foreach (var size in tensor.Shape)
        {
            if (size < 0 || (size > 0 && bytes > long.MaxValue / size))
                return null;
            bytes *= size;
        }
        return bytes;
    }

    internal static BadInputException Refused(string file, string what) =>
        new($"{file}: {what}. Download or write the file again.");
}
