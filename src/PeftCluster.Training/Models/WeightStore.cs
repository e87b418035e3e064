using System.Runtime.InteropServices;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.Native;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PeftCluster.Training.Models;

/// <summary>
/// A base model's weights: read once, checked, never written, shared by all workers of the process. A weight in its stored format is used where
/// it lies in the mapped file; only one of 32 bits that starts off a 64-byte boundary there and goes into products is copied, since that may change a
/// product's last bit. Weights of another format than the one that is asked for are converted. All of this goes part by part, and what was
/// only looked at is given back, so that loading takes little more than the weights.
/// </summary>
public sealed class WeightStore : IDisposable
{
    private const int Alignment = 64;
    private const long PartLength = 1 << 22;

    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileMap> _maps = new(StringComparer.Ordinal);
    private readonly Lazy<string> _sha256;

    // Room for a part in the files' format: one for all weights, since blocks that come and go leave holes in the heap.
    private Tensor? _room;

    private WeightStore(WeightFiles files) => _sha256 = new Lazy<string>(files.Sha256);

    /// <summary>Weights in the files that the model does not have; they are not read.</summary>
    public IReadOnlyList<string> Unexpected { get; private set; } = [];

    /// <summary>SHA-256 of the weight files, 64 hex digits. The first call reads every byte.</summary>
    public string Sha256 => _sha256.Value;

    /// <summary>Bytes of the weights in memory.</summary>
    public long Bytes => _tensors.Values.Sum(weight => weight.numel() * weight.element_size());

    /// <summary>Of these, bytes of weights that are used where they lie in their files.</summary>
    public long MappedBytes { get; private set; }

    /// <summary>A weight by its Hugging Face name; the store keeps it.</summary>
    public Tensor this[string name] => _tensors[name];

    /// <summary>Reads the weights of a model folder onto the processor. Call it on a device's thread.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="config">What its config.json says.</param>
    /// <param name="dtype">The weights' format in memory.</param>
    /// <param name="cancellation">Polled between weights.</param>
    /// <exception cref="BadInputException">A file lies or is cut; a weight is missing, has another shape or format, or is not finite.</exception>
    public static WeightStore Open(string folder, ModelConfig config, BaseDtype dtype = BaseDtype.Float32, CancellationToken cancellation = default)
    {
        var files = WeightFiles.Open(folder);
        var store = new WeightStore(files);
        try
        {
            foreach (var (name, shape) in config.Weights)
            {
                cancellation.ThrowIfCancellationRequested();
                if (config.SpreadIfMissing(name) is { } spread && !files.Have(name))
                {
                    store._tensors[name] = Normal(name, shape, spread).DetachFromDisposeScope();
                    continue;
                }
                var (file, offset, entry) = files.Find(name, shape);
                var weight = store._tensors[name] = store.Read(file, offset, entry, dtype, config.IsOnlyLookedUp(name)).DetachFromDisposeScope();
                if (!store.IsFinite(weight, file, offset))
                    throw new BadInputException(dtype == BaseDtype.Float16 && entry.Type != SafetensorsType.F16
                        ? $"base_dtype: float16 ends at 65504, and \"{name}\" in {file} goes beyond. Choose stored, bfloat16 or float32."
                        : $"{file}: \"{name}\" holds numbers that are not finite (NaN or infinity). Training cannot start from it; download the model again.");
            }
            store._room?.Dispose();
            store.Unexpected = [.. files.Names.Except(config.Weights.Keys.Select(files.NameIn)).Order(StringComparer.Ordinal)];
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        foreach (var map in _maps.Values)
            map.Dispose();
        _room?.Dispose();
        _tensors.Clear();
        _maps.Clear();
    }

    private Tensor Read(string file, long offset, SafetensorsEntry entry, BaseDtype dtype, bool isOnlyLookedUp)
    {
        var type = Formats.Of(entry.Type) ?? throw new BadInputException($"{file}: \"{entry.Name}\" is {entry.Type}; weights must be F32, BF16 or F16.");
        var wanted = Formats.InMemory(dtype, type);
        // Of 16-bit numbers a product makes blocks of its own first, or they are widened: their place changes no bit.
        var mayLieAnywhere = isOnlyLookedUp || type != ScalarType.Float32;
        if (type == wanted && offset % (mayLieAnywhere ? Formats.Width(type) : Alignment) == 0)
            return Mapped(file, offset, entry, type);
        return type == wanted ? Copied(file, offset, entry, type) : Converted(file, offset, entry, (type, wanted));
    }

    private static Tensor Copied(string file, long offset, SafetensorsEntry entry, ScalarType type)
    {
        var copy = empty([.. entry.Shape], type);
        foreach (var part in Parts(copy))
            offset = Fill(part.bytes, file, offset);
        return copy;
    }

    private Tensor Converted(string file, long offset, SafetensorsEntry entry, (ScalarType From, ScalarType To) types)
    {
        var converted = empty([.. entry.Shape], types.To);
        if (_room is null || _room.dtype != types.From)
        {
            _room?.Dispose();
            _room = empty(PartLength, types.From).DetachFromDisposeScope();
        }
        foreach (var part in Parts(converted))
        {
            using var stored = _room.narrow(0, 0, part.numel());
            offset = Fill(stored.bytes, file, offset);
            part.copy_(stored).Dispose();
        }
        return converted;
    }

    // By the weight's name and no seed: it belongs to the base, which all jobs share.
    private static Tensor Normal(string name, IReadOnlyList<long> shape, double spread)
    {
        var tensor = zeros([.. shape]);
        if (spread == 0)
            return tensor;
        var random = new PhiloxStream(0, $"{PhiloxPurpose.MissingWeight} {name}");
        foreach (ref var number in MemoryMarshal.Cast<byte, float>(tensor.bytes))
            number = (float)(random.NextGaussian() * spread);
        return tensor;
    }

    private unsafe Tensor Mapped(string file, long offset, SafetensorsEntry entry, ScalarType type)
    {
        if (!_maps.TryGetValue(file, out var map))
            _maps[file] = map = new FileMap(file);
        MappedBytes += entry.Length;
        return NativeOperations.Over(map.Start + offset, entry.Shape, type);
    }

    /// <summary>A tensor part by part: a span ends at 2 GB, embeddings of large models are larger, and what is made of a part is small.</summary>
    internal static IEnumerable<Tensor> Parts(Tensor tensor)
    {
        using var flat = tensor.view(-1);
        for (var start = 0L; start < flat.numel(); start += PartLength)
        {
            using var narrow = flat.narrow(0, start, Math.Min(PartLength, flat.numel() - start));
            yield return narrow;
        }
    }

    internal static long Fill(Span<byte> bytes, string file, long offset)
    {
        using var handle = File.OpenHandle(file, options: FileOptions.SequentialScan);
        while (bytes.Length > 0)
        {
            var read = RandomAccess.Read(handle, bytes, offset);
            if (read == 0)
                throw new BadInputException($"{file}: became shorter while it was read. Download or write the file again.");
            bytes = bytes[read..];
            offset += read;
        }
        return offset;
    }

    private bool IsFinite(Tensor weight, string file, long offset)
    {
        foreach (var part in Parts(weight))
        {
            if (!IsFinite(part))
                return false;
            var bytes = part.numel() * part.element_size();
            if (_maps.TryGetValue(file, out var map))
                map.GiveBack(offset, bytes);
            offset += bytes;
        }
        return true;
    }

    // Of 16-bit numbers the exponent's bits are looked at: widened copies would take memory.
    private static bool IsFinite(Tensor part)
    {
        if (part.dtype == ScalarType.Float32)
            return TensorPrimitives.IsFiniteAll(MemoryMarshal.Cast<byte, float>(part.bytes));
        var exponent = part.dtype == ScalarType.BFloat16 ? 0x7F80 : 0x7C00;
        foreach (var number in MemoryMarshal.Cast<byte, ushort>(part.bytes))
        {
            if ((number & exponent) == exponent)
                return false;
        }
        return true;
    }
}
