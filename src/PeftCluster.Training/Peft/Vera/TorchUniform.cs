namespace PeftCluster.Training.Peft.Vera;

/// <summary>
/// Uniform numbers as PyTorch's generator on a processor gives them: the Mersenne Twister of 32 bits (Matsumoto, Nishimura, 1998), 24 bits of each
/// number as a fraction, float32. Not for randomness of our own: it makes VeRA's projections those of PEFT's files.
/// </summary>
internal sealed class TorchUniform
{
    private const int Size = 624, Middle = 397;

    private readonly uint[] _state = new uint[Size];
    private int _used = Size;

    /// <param name="seed">torch.manual_seed's.</param>
    public TorchUniform(uint seed)
    {
        _state[0] = seed;
        for (var index = 1u; index < Size; index++)
            _state[index] = unchecked(1812433253 * (_state[index - 1] ^ (_state[index - 1] >> 30)) + index);
    }

    /// <summary>Fills values with numbers from −bound to bound, as tensor.uniform_(-bound, bound).</summary>
    public void Fill(Span<float> values, double bound)
    {
        var (low, width) = ((float)-bound, (float)bound - (float)-bound);
        foreach (ref var value in values)
        {
            // Rounded after the product and after the sum, as there.
            var scaled = (Next() & 0xFFFFFF) * (1f / (1 << 24)) * width;
            value = scaled + low;
        }
    }

    private uint Next()
    {
        if (_used == Size)
            Twist();
        var number = _state[_used++];
        number ^= number >> 11;
        number ^= (number << 7) & 0x9D2C5680;
        number ^= (number << 15) & 0xEFC60000;
        return number ^ (number >> 18);
    }

    private void Twist()
    {
        for (var index = 0; index < Size; index++)
        {
            var mixed = (_state[index] & 0x80000000) | (_state[(index + 1) % Size] & 0x7FFFFFFF);
            _state[index] = _state[(index + Middle) % Size] ^ (mixed >> 1) ^ ((mixed & 1) == 0 ? 0 : 0x9908B0DF);
        }
        _used = 0;
    }
}
