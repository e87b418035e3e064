using System.Diagnostics.CodeAnalysis;

namespace PeftCluster.Steps.Randomness;

/// <summary>
/// Random numbers one after another, from Philox keyed by (seed, purpose). A stream belongs to the code that made it and
/// is never shared. Only exact IEEE operations: equal bits on every host, the normal numbers included, since the
/// logarithm is our own.
/// </summary>
/// <param name="seed">The job's seed.</param>
/// <param name="purpose">What the numbers are for: one of <see cref="PhiloxPurpose"/>.</param>
/// <param name="stream">Which of the purpose's 2⁶⁴ streams: the upper half of the counter.</param>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of random numbers is the field's word.")]
public sealed class PhiloxStream(long seed, string purpose, ulong stream = 0)
{
    private readonly ulong _key = Philox4x32.Key(seed, purpose);
    private readonly uint[] _block = new uint[4];
    private ulong _blocks;
    private int _used = 4;
    private double? _spareGaussian;

    /// <summary>Any of the 2³² numbers, all equally likely.</summary>
    public uint NextUInt32()
    {
        if (_used == _block.Length)
        {
            (_block[0], _block[1], _block[2], _block[3]) = Philox4x32.Block(_key, _blocks++, stream);
            _used = 0;
        }
        return _block[_used++];
    }

    /// <summary>0 ≤ x &lt; 1 in steps of 2⁻⁵³, all equally likely.</summary>
    public double NextDouble()
    {
        var high = (ulong)NextUInt32() << 32;
        return ((high | NextUInt32()) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>
    /// 0 ≤ x &lt; <paramref name="limit"/>, all exactly equally likely.
    /// Source: Lemire, "Fast random integer generation in an interval", arXiv 1805.10941, algorithm 5.
    /// </summary>
    public int NextBelow(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var bound = (uint)limit;
        var product = (ulong)NextUInt32() * bound;
        // Below 2³² mod bound lie the numbers that would come once too often.
        for (var unfair = unchecked(0u - bound) % bound; (uint)product < unfair;)
            product = (ulong)NextUInt32() * bound;
        return (int)(product >> 32);
    }

    /// <summary>A normal number with mean 0 and variance 1, by Marsaglia's polar method.</summary>
    public double NextGaussian()
    {
        if (_spareGaussian is { } spare)
        {
            _spareGaussian = null;
            return spare;
        }
        double x, y, square;
        do
        {
            x = 2 * NextDouble() - 1;
            y = 2 * NextDouble() - 1;
            square = x * x + y * y;
        }
        while (square is >= 1 or 0);
        var factor = Math.Sqrt(-2 * Logarithm(square) / square);
        _spareGaussian = y * factor;
        return x * factor;
    }

    /// <summary>Puts the values into an order of which all are equally likely (Fisher and Yates, from the end).</summary>
    public void Shuffle(Span<int> values)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = NextBelow(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    /// <summary>
    /// ln x = e·ln 2 + 2·artanh((m − 1) ÷ (m + 1)), x = m·2ᵉ, √½ ≤ m &lt; √2. The host's library would do for accuracy, but
    /// libraries differ in the last bit.
    /// </summary>
    private static double Logarithm(double x)
    {
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        if (mantissa >= 1.4142135623730951)
            (mantissa, exponent) = (mantissa / 2, exponent + 1);
        var ratio = (mantissa - 1) / (mantissa + 1);
        var square = ratio * ratio;
        var sum = 0.0;
        for (var power = 23; power >= 1; power -= 2)
            sum = sum * square + 1.0 / power;
        return exponent * 0.6931471805599453 + 2 * ratio * sum;
    }
}
