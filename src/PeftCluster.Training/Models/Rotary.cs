using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Rotary places (Su et al., arXiv 2104.09864) in the half-split form of transformers: pairs are (i, i + N÷2), angle of place p
/// and pair i is p · θ^(−2i÷N), computed in float32 as there. L places, N head size.
/// </summary>
internal sealed class RotaryTable(int headSize, double theta, Device device)
{
    private const int AtLeast = 256;

    // A function of the place only, so no call sees another's state. In managed memory: nothing to free.
    private float[] _cos_LN = [];
    private float[] _sin_LN = [];

    /// <summary>Places 0 … length − 1, shaped for [B, T, H, N].</summary>
    public Rotary First(long length)
    {
        Grow(length);
        Tensor Start(float[] table) => tensor(table.AsSpan(0, (int)length * headSize).ToArray(), device: device).view(length, 1, headSize);
        return new Rotary(Start(_cos_LN), Start(_sin_LN));
    }

    /// <summary>One place for each row, shaped for [B, 1, H, N].</summary>
    public Rotary At(IReadOnlyList<long> places)
    {
        Grow(places.Max() + 1);
        Tensor Rows(float[] table) => tensor(places.SelectMany(place => table[(int)(place * headSize)..(int)((place + 1) * headSize)]).ToArray(), device: device)
            .view(places.Count, 1, 1, headSize);
        return new Rotary(Rows(_cos_LN), Rows(_sin_LN));
    }

    private void Grow(long length)
    {
        if (_cos_LN.Length >= length * headSize)
            return;
        length = Math.Max(AtLeast, length * 2);
        var (cos, sin) = (new float[length * headSize], new float[length * headSize]);
        for (var pair = 0; pair < headSize / 2; pair++)
        {
            var frequency = (float)(1 / Math.Pow(theta, 2.0 * pair / headSize));
            for (var place = 0; place < length; place++)
            {
                double angle = place * frequency;
                var at = place * headSize + pair;
                cos[at] = cos[at + headSize / 2] = (float)Math.Cos(angle);
                sin[at] = sin[at + headSize / 2] = (float)Math.Sin(angle);
            }
        }
        (_cos_LN, _sin_LN) = (cos, sin);
    }
}

/// <summary>Cosines and sines of some places, broadcast over heads.</summary>
internal sealed record Rotary(Tensor Cos, Tensor Sin)
{
    /// <summary>x · cos + (−x₂, x₁) · sin, where x₁ and x₂ are the halves of each head. [B, T, H, N] → the same.</summary>
    public Tensor Turn(Tensor x_BTHN)
    {
        using var scope = NewDisposeScope();
        var half = x_BTHN.shape[3] / 2;
        var turned = cat([x_BTHN.narrow(3, half, half).neg(), x_BTHN.narrow(3, 0, half)], 3);
        return (x_BTHN * Cos + turned * Sin).MoveToOuterDisposeScope();
    }
}
