using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Rotary places (Su et al., arXiv 2104.09864) in the half-split form of transformers: pairs are (i, i + R÷2) of a head's first
/// R numbers, with angles computed in float32 as there. L places, N head size.
/// </summary>
internal sealed class RotaryTable(Rope rope, Device device)
{
    private const int AtLeast = 256;

    private readonly int _size = rope.Size;
    private readonly float[] _frequencies = [.. rope.Frequencies().Select(frequency => (float)frequency)];

    // A function of the place only, so no call sees another's state. In managed memory: nothing to free.
    private float[] _cos_LR = [];
    private float[] _sin_LR = [];

    /// <summary>Places first … first + length − 1, shaped for [B, T, H, R].</summary>
    public Rotary From(long first, long length)
    {
        Grow(first + length);
        Tensor Start(float[] table) => tensor(table.AsSpan((int)first * _size, (int)length * _size).ToArray(), device: device).view(length, 1, _size);
        return new Rotary(Start(_cos_LR), Start(_sin_LR));
    }

    /// <summary>One place for each row, shaped for [B, 1, H, R].</summary>
    public Rotary At(IReadOnlyList<long> places)
    {
        Grow(places.Max() + 1);
        Tensor Rows(float[] table) => tensor(places.SelectMany(place => table[(int)(place * _size)..(int)((place + 1) * _size)]).ToArray(), device: device)
            .view(places.Count, 1, 1, _size);
        return new Rotary(Rows(_cos_LR), Rows(_sin_LR));
    }

    private void Grow(long length)
    {
        if (_cos_LR.Length >= length * _size)
            return;
        length = Math.Max(AtLeast, length * 2);
        var (cos, sin) = (new float[length * _size], new float[length * _size]);
        for (var pair = 0; pair < _size / 2; pair++)
        {
            for (var place = 0; place < length; place++)
            {
                double angle = place * _frequencies[pair];
                var at = place * _size + pair;
                cos[at] = cos[at + _size / 2] = (float)(rope.Amplitude * Math.Cos(angle));
                sin[at] = sin[at + _size / 2] = (float)(rope.Amplitude * Math.Sin(angle));
            }
        }
        (_cos_LR, _sin_LR) = (cos, sin);
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
        return x_BTHR * Cos + turned * Sin;
    }
}
