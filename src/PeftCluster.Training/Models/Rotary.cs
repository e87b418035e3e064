using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Rotary places (Su et al., arXiv 2104.09864) in the half-split form of transformers: pairs are (i, i + N÷2), angle of place p
/// and pair i is p · θ^(−2i÷N), computed in float32 as there.
/// </summary>
internal sealed class RotaryTable(int headSize, double theta, Device device)
{
    private const int AtLeast = 256;

    // Grows to the longest length that was asked for: a function of the length only, so no call sees another's state.
    private Tensor? _cos_LN;
    private Tensor? _sin_LN;

    /// <summary>Places 0 … length − 1, shaped for [B, T, H, N].</summary>
    public Rotary First(long length)
    {
        Grow(length);
        return new Rotary(_cos_LN!.narrow(0, 0, length).unsqueeze(1), _sin_LN!.narrow(0, 0, length).unsqueeze(1));
    }

    /// <summary>One place for each row, shaped for [B, 1, H, N].</summary>
    public Rotary At(IReadOnlyList<long> places)
    {
        Grow(places.Max() + 1);
        var index = tensor(places.ToArray(), device: device);
        return new Rotary(_cos_LN!.index_select(0, index).view(-1, 1, 1, headSize), _sin_LN!.index_select(0, index).view(-1, 1, 1, headSize));
    }

    private void Grow(long length)
    {
        if (_cos_LN is not null && _cos_LN.shape[0] >= length)
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
        _cos_LN?.Dispose();
        _sin_LN?.Dispose();
        _cos_LN = tensor(cos, [length, headSize], device: device).DetachFromDisposeScope();
        _sin_LN = tensor(sin, [length, headSize], device: device).DetachFromDisposeScope();
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
