namespace PeftCluster.Training.Models;

/// <summary>Cosines and sines of the places of rows of one kind, made as far as they were asked for.</summary>
/// <param name="rope">The form.</param>
/// <param name="length">A row's length; others of its kind turn alike.</param>
internal sealed class RotaryAngles(Rope rope, long length)
{
    private const int AtLeast = 256;

    private readonly int _size = rope.Size;
    private readonly float[] _frequencies = [.. rope.Frequencies(length).Select(frequency => (float)frequency)];
    private float[] _cos_LR = [];
    private float[] _sin_LR = [];

    /// <summary>Places first … first + count − 1, R numbers each.</summary>
    // Generation asks for one place after the other, and where each length has a kind of its own, a table would be made for each.
    public (float[] Cos, float[] Sin) Places(long first, long count) => count == 1 ? Make(first, 1) : Range(first, count);

    private (float[] Cos, float[] Sin) Range(long first, long count)
    {
        if (_cos_LR.Length < (first + count) * _size)
            (_cos_LR, _sin_LR) = Make(0, Math.Max(AtLeast, (first + count) * 2));
        return (Part(_cos_LR), Part(_sin_LR));
        float[] Part(float[] table) => table.AsSpan((int)first * _size, (int)count * _size).ToArray();
    }

    private (float[] Cos, float[] Sin) Make(long first, long count)
    {
        var (cos, sin) = (new float[count * _size], new float[count * _size]);
        for (var pair = 0; pair < _size / 2; pair++)
        {
            for (var place = 0L; place < count; place++)
            {
                double angle = (first + place) * _frequencies[pair];
                var at = place * _size + pair;
                cos[at] = cos[at + _size / 2] = (float)(rope.Amplitude * Math.Cos(angle));
                sin[at] = sin[at + _size / 2] = (float)(rope.Amplitude * Math.Sin(angle));
            }
        }
        return (cos, sin);
    }
}
