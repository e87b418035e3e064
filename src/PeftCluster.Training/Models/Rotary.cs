using PeftCluster.Steps.Plan;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Rotary places (Su et al., arXiv 2104.09864) in the half-split form of transformers: pairs are (i, i + R÷2) of a head's first
/// R numbers, with angles computed in float32 as there. T places, N head size.
/// </summary>
internal sealed class RotaryTable(Rope rope, Device device)
{
    // A form whose kinds are many, one for each length, would fill the memory.
    private const int MostKinds = 8;

    // Functions of kind and place only, so no call sees another's state. In managed memory: nothing to free.
    private readonly Dictionary<long, RotaryAngles> _kinds = [];

    /// <summary>
    /// Places first … first + count − 1 of rows, shaped for [B, T, H, R]: [T, 1, R] where all rows turn alike, else [B, T, 1, R].
    /// </summary>
    /// <param name="first">The first place.</param>
    /// <param name="count">T</param>
    /// <param name="lengths">Places of each row, those before the first included.</param>
    public Rotary From(long first, long count, IReadOnlyList<long> lengths)
    {
        if (lengths.Select(rope.KindOf).Distinct().Count() == 1)
            return Rows(lengths.Take(1), length => Of(length).Places(first, count), count, 1, rope.Size);
        return Rows(lengths, length => Of(length).Places(first, count), lengths.Count, count, 1, rope.Size);
    }

    /// <summary>Places of packed sequences, each from <paramref name="before"/> on, turned as each turns alone: [B, T, 1, R]. Padding does not turn.</summary>
    /// <param name="packing">Where each sequence stands.</param>
    /// <param name="before">Places before each sequence's first token.</param>
    /// <param name="shape">B and T.</param>
    public Rotary Packed(IReadOnlyList<PackedPlace> packing, long before, (long Rows, long Length) shape)
    {
        var (cos, sin) = (new float[shape.Rows * shape.Length * rope.Size], new float[shape.Rows * shape.Length * rope.Size]);
        foreach (var (row, start, length) in packing)
        {
            var of = Of(before + length).Places(before, length);
            var at = (row * shape.Length + start) * rope.Size;
            of.Cos.CopyTo(cos, at);
            of.Sin.CopyTo(sin, at);
        }
        Tensor Shaped(float[] numbers) => tensor(numbers, device: device).view(shape.Rows, shape.Length, 1, rope.Size);
        return new Rotary(Shaped(cos), Shaped(sin));
    }

    /// <summary>Places from one of each row's own on, shaped for [B, T, H, R].</summary>
    /// <param name="firsts">Each row's first place.</param>
    /// <param name="count">T</param>
    /// <param name="lengths">Places of each row, those before the first included.</param>
    public Rotary At(IReadOnlyList<long> firsts, long count, IReadOnlyList<long> lengths) =>
        Rows(firsts.Zip(lengths), row => Of(row.Second).Places(row.First, count), firsts.Count, count, 1, rope.Size);

    private Rotary Rows<T>(IEnumerable<T> rows, Func<T, (float[] Cos, float[] Sin)> of, params long[] shape)
    {
        var parts = rows.Select(of).ToArray();
        Tensor Joined(IEnumerable<float[]> numbers) => tensor(numbers.SelectMany(part => part).ToArray(), device: device).view(shape);
        return new Rotary(Joined(parts.Select(part => part.Cos)), Joined(parts.Select(part => part.Sin)));
    }

    private RotaryAngles Of(long length)
    {
        var kind = rope.KindOf(length);
        if (_kinds.TryGetValue(kind, out var angles))
            return angles;
        if (_kinds.Count == MostKinds)
            _kinds.Clear();
        return _kinds[kind] = new RotaryAngles(rope, length);
    }
}

/// <summary>Cosines and sines of some places, broadcast over heads.</summary>
internal sealed record Rotary(Tensor Cos, Tensor Sin)
{
    /// <summary>x · cos + (−x₂, x₁) · sin, where x₁ and x₂ are the halves of each head's first R numbers. [B, T, H, N] → the same.</summary>
    public Tensor Turn(Tensor x_BTHN)
    {
        using var scope = NewDisposeScope();
        var (size, all) = (Cos.shape[^1], x_BTHN.shape[3]);
        if (size == all)
            return TurnWhole(x_BTHN).MoveToOuterDisposeScope();
        return cat([TurnWhole(x_BTHN.narrow(3, 0, size)), x_BTHN.narrow(3, size, all - size)], 3).MoveToOuterDisposeScope();
    }

    private Tensor TurnWhole(Tensor x_BTHR)
    {
        var half = x_BTHR.shape[3] / 2;
        var turned = cat([x_BTHR.narrow(3, half, half).neg(), x_BTHR.narrow(3, 0, half)], 3);
        return (x_BTHR * Cos.to(x_BTHR.dtype)).Plus(turned * Sin.to(x_BTHR.dtype));
    }
}
