using PeftCluster.Steps.Randomness;

namespace PeftCluster.Steps.Tests.Randomness;

/// <summary>Random123's known answers (kat_vectors, philox4x32 10), and keys that stay what they are.</summary>
public sealed class Philox4x32Tests
{
    [Fact]
    public void Counter_and_key_of_zeros() =>
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox4x32.Block(0, 0, 0));

    [Fact]
    public void Counter_and_key_of_ones() =>
        Assert.Equal((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu), Philox4x32.Block(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue));

    [Fact]
    public void Counter_and_key_of_the_digits_of_pi() =>
        Assert.Equal((0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u),
            Philox4x32.Block(0x299f31d0_a4093822, 0x85a308d3_243f6a88, 0x03707344_13198a2e));

    [Fact]
    public void A_key_is_pinned() => Assert.Equal(PinnedKey, Philox4x32.Key(42, PhiloxPurpose.Shards));

    [Fact]
    public void Keys_differ_by_seed_and_by_purpose()
    {
        ulong[] keys = [Philox4x32.Key(1, "a"), Philox4x32.Key(1, "b"), Philox4x32.Key(2, "a"), Philox4x32.Key(-1, "a")];
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    // First 8 bytes, little endian, of sha256(42 as 8 bytes little endian + b"shards").
    private const ulong PinnedKey = 0xba1283cb6f93c521;
}
