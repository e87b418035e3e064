using System.Buffers.Binary;
using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.Win32.SafeHandles;
using PeftCluster.Jobs;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.Peft.TrainableTokens;

namespace PeftCluster.Training.AdapterFiles;

/// <summary>
/// An adapter_model.safetensors: between the file's tensors and the one vector. Files hold float32; half formats, which others
/// write, are widened exactly.
/// </summary>
internal sealed class AdapterWeights
{
    private readonly string _path;
    private readonly SafetensorsHeader _header;

    private AdapterWeights(string path, SafetensorsHeader header) => (_path, _header) = (path, header);

    public string Path => _path;

    public IReadOnlyList<SafetensorsEntry> Tensors => _header.Tensors;

    private IEnumerable<string> Names => _header.Tensors.Select(tensor => tensor.Name);

    /// <summary>Whether a tensor is the base's own: PEFT adds an embedding that is adapted.</summary>
    public static bool IsBase(string name) => name.EndsWith(".base_layer.weight", StringComparison.Ordinal);

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="BadInputException">The file is missing, or its header lies.</exception>
    public static AdapterWeights Open(string path)
    {
        if (!File.Exists(path))
            throw new BadInputException($"{path}: is missing. Adapters are read from safetensors only; save the adapter with safe_serialization=True.");
        using var stream = File.OpenRead(path);
        return new AdapterWeights(path, SafetensorsHeader.Read(stream, path));
    }

    /// <summary>The vector of a layout, padding zero.</summary>
    /// <param name="layout">The tensors to read.</param>
    /// <param name="besides">Others that the file may hold.</param>
    /// <exception cref="BadInputException">A tensor is missing, is of neither layout, has another shape, or is not finite.</exception>
    public float[] Read(VectorLayout layout, VectorLayout? besides)
    {
        RefuseStrangers([.. layout.Slices, .. besides?.Slices ?? []]);
        return Values(layout);
    }

    /// <summary>Compares tensors that follow from the configuration with what they must be.</summary>
    /// <exception cref="BadInputException">One is something else.</exception>
    public void Check(VectorLayout layout, ReadOnlySpan<float> expected)
    {
        var values = Values(layout);
        foreach (var slice in layout.Slices)
        {
            // Half formats hold three digits or two.
            var due = expected.Slice(slice.Offset, slice.Length);
            if (TensorPrimitives.Distance<float>(values.AsSpan(slice.Offset, slice.Length), due) > 0.01f * TensorPrimitives.Norm(due))
                throw new BadInputException($"{_path}: \"{slice.Key}\" is not what adapter_config.json's seed gives, so the adapter cannot be used here. Save it again with the PEFT that trained it.");
        }
    }

    /// <summary>The bytes of a tensor as the file has them.</summary>
    /// <exception cref="BadInputException">It is larger than one array holds.</exception>
    public byte[] BytesOf(SafetensorsEntry tensor)
    {
        using var file = File.OpenHandle(_path);
        return BytesOf(file, tensor);
    }

    /// <summary>A tensor's numbers, finite or not.</summary>
    /// <exception cref="BadInputException">They are in no format that weights have.</exception>
    public float[] NumbersOf(SafetensorsEntry tensor) => NumbersOf(tensor, BytesOf(tensor));

    /// <summary>The numbers of bytes that were read.</summary>
    /// <exception cref="BadInputException">They are in no format that weights have.</exception>
    public float[] NumbersOf(SafetensorsEntry tensor, ReadOnlySpan<byte> bytes)
    {
        var values = new float[tensor.Shape.Aggregate(1L, (product, size) => product * size)];
        Widen(tensor, bytes, values);
        return values;
    }

    /// <summary>A tensor's numbers, all finite.</summary>
    /// <exception cref="BadInputException">One is not, or they are in no format that weights have.</exception>
    public float[] FiniteNumbersOf(SafetensorsEntry tensor)
    {
        var values = NumbersOf(tensor);
        return TensorPrimitives.IsFiniteAll<float>(values) ? values : throw NotFinite(tensor.Name);
    }

    private float[] Values(VectorLayout layout)
    {
        var byName = _header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var vector = new float[layout.Length];
        using var file = File.OpenHandle(_path);
        foreach (var slice in layout.Slices.Where(slice => slice.Exported))
        {
            if (!byName.TryGetValue(slice.Key, out var tensor))
                throw new BadInputException($"{_path}: \"{slice.Key}\" is missing. The adapter was trained on other modules, or the file is not whole.");
            if (!tensor.Shape.SequenceEqual(slice.Shape))
                throw new BadInputException($"{_path}: \"{slice.Key}\" has shape [{string.Join(", ", tensor.Shape)}], but the base model and adapter_config.json need [{string.Join(", ", slice.Shape)}].");
            var values = vector.AsSpan(slice.Offset, slice.Length);
            Widen(tensor, BytesOf(file, tensor), values);
            if (values.Length > 0 && !TensorPrimitives.IsFiniteAll<float>(values)) // a pruned layer may have rank 0
                throw NotFinite(slice.Key);
        }
        return vector;
    }

    /// <summary>Writes the exported slices of a vector.</summary>
    public static void Write(Stream stream, VectorLayout layout, ReadOnlyMemory<float> vector) =>
        SafetensorsWriter.Write(stream, layout.Slices.Where(slice => slice.Exported)
            .Select(slice => SafetensorsTensor.Of(slice.Key, slice.Shape, vector.Slice(slice.Offset, slice.Length))));

    private void RefuseStrangers(IEnumerable<VectorSlice> slices)
    {
        var known = slices.Where(slice => slice.Exported).Select(slice => slice.Key).ToHashSet(StringComparer.Ordinal);
        // PEFT repeats trained tokens for each module that shares the embedding.
        bool IsRepeated(string name) => name.EndsWith(TokenRows.KeyEnd, StringComparison.Ordinal) && known.Any(own => own.EndsWith(TokenRows.KeyEnd, StringComparison.Ordinal));
        string[] strangers = [.. Names.Where(name => !known.Contains(name) && !IsBase(name) && !IsRepeated(name))];
        if (strangers.Length == 0)
            return;
        var more = strangers.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $" and {strangers.Length - 1} more") : "";
        throw new BadInputException($"{_path}: \"{strangers[0]}\"{more} belong to no module that adapter_config.json adapts in this base model.");
    }

    private BadInputException NotFinite(string key) => new($"{_path}: \"{key}\" holds numbers that are not finite (NaN or infinity).");

    private byte[] BytesOf(SafeFileHandle file, SafetensorsEntry tensor)
    {
        if (tensor.Length > Array.MaxLength)
            throw new BadInputException($"{_path}: \"{tensor.Name}\" has {tensor.Length:N0} bytes; at most {Array.MaxLength:N0} can be read at once.");
        var bytes = new byte[tensor.Length];
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(done), _header.DataStart + tensor.Begin + done);
            done += read > 0 ? read : throw new BadInputException($"{_path}: became shorter while it was read.");
        }
        return bytes;
    }

    private void Widen(SafetensorsEntry tensor, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = tensor.Type switch
            {
                SafetensorsType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                SafetensorsType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
                SafetensorsType.BF16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) << 16),
                _ => throw new BadInputException($"{_path}: \"{tensor.Name}\" is {tensor.Type}; an adapter's weights must be F32, BF16 or F16."),
            };
        }
    }
}
