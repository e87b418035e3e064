using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PeftCluster.Steps.Layout;

/// <summary>
/// The adapter as one vector: everything that is trained, slice after slice, in one float32 memory. Optimizer moments
/// are further vectors of the same layout. Slices start on 64-byte boundaries, since inputs elsewhere may change the
/// last bit of a product; the padding between them is zero for ever.
/// </summary>
public sealed class VectorLayout
{
    /// <summary>Floats in 64 bytes.</summary>
    public const int Alignment = 16;

    private readonly Dictionary<string, VectorSlice> _byKey;

    private VectorLayout(IReadOnlyList<VectorSlice> slices, int length)
    {
        Slices = slices;
        _byKey = slices.ToDictionary(slice => slice.Key, StringComparer.Ordinal);
        Length = length;
        Hash = HashOf(slices);
    }

    public IReadOnlyList<VectorSlice> Slices { get; }

    /// <summary>A slice by its key.</summary>
    public VectorSlice this[string key] => _byKey[key];

    /// <summary>Floats of the whole vector, padding included.</summary>
    public int Length { get; }

    /// <summary>Numbers that are trained, without padding.</summary>
    public long Parameters => Slices.Sum(slice => (long)slice.Length);

    /// <summary>SHA-256 of keys, shapes and offsets, 64 hex digits. Every snapshot and every vector on the wire carries it.</summary>
    public string Hash { get; }

    /// <summary>A slice's part of a vector.</summary>
    public Span<float> Of(Span<float> vector, string key) => vector.Slice(_byKey[key].Offset, _byKey[key].Length);

    /// <summary>Lays the tensors out in the given order.</summary>
    public static VectorLayout Of(IEnumerable<(string Key, IReadOnlyList<long> Shape, ParameterGroup Group)> tensors)
    {
        var slices = new List<VectorSlice>();
        var offset = 0;
        foreach (var (key, shape, group) in tensors)
        {
            var slice = new VectorSlice(key, shape, offset, group);
            slices.Add(slice);
            offset = Align(checked(offset + slice.Length));
        }
        return new VectorLayout(slices, offset);
    }

    private static int Align(int offset) => checked(offset + Alignment - 1) / Alignment * Alignment;

    private static string HashOf(IReadOnlyList<VectorSlice> slices)
    {
        var text = new StringBuilder();
        foreach (var slice in slices)
            text.Append(CultureInfo.InvariantCulture,
                $"{slice.Key} [{string.Join(',', slice.Shape)}] @{slice.Offset} x{slice.Group.LearningRateFactor:R} {(slice.Group.WeightDecays ? "decays" : "fixed")} {(slice.Exported ? "exported" : "kept")}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
