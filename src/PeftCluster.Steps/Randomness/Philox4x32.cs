using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PeftCluster.Steps.Randomness;

/// <summary>
/// Philox 4×32 with 10 rounds: a random function of (key, counter) without state. Any number of any stream can be had
/// alone and in any order, so that what is random in a step depends on no worker and no history.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3.
/// </summary>
public static class Philox4x32
{
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;

    // What the key grows by each round: the golden ratio and √3 − 1, as fractions of 2³².
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>The four numbers of one counter value.</summary>
    /// <param name="key">The lower half is the first key word of the paper.</param>
    /// <param name="counterLow">Counter words 0 (lower half) and 1.</param>
    /// <param name="counterHigh">Counter words 2 (lower half) and 3.</param>
    public static (uint X0, uint X1, uint X2, uint X3) Block(ulong key, ulong counterLow, ulong counterHigh)
    {
        var (key0, key1) = ((uint)key, (uint)(key >> 32));
        var (x0, x1) = ((uint)counterLow, (uint)(counterLow >> 32));
        var (x2, x3) = ((uint)counterHigh, (uint)(counterHigh >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * x0;
            var product1 = (ulong)Multiplier1 * x2;
            (x0, x1, x2, x3) = (
                (uint)(product1 >> 32) ^ x1 ^ key0, (uint)product1,
                (uint)(product0 >> 32) ^ x3 ^ key1, (uint)product0);
            key0 = unchecked(key0 + Weyl0);
            key1 = unchecked(key1 + Weyl1);
        }
        return (x0, x1, x2, x3);
    }

    /// <summary>
    /// The key of one purpose in one job: the first 8 bytes, little endian, of SHA-256(seed as 8 bytes little endian ‖
    /// purpose in UTF-8). Two purposes of one job, or one purpose of two jobs, share no numbers.
    /// </summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="purpose">What the numbers are for: one of <see cref="PhiloxPurpose"/>.</param>
    public static ulong Key(long seed, string purpose)
    {
        var text = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(purpose)];
        BinaryPrimitives.WriteInt64LittleEndian(text, seed);
        Encoding.UTF8.GetBytes(purpose, text.AsSpan(sizeof(long)));
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(text));
    }
}
