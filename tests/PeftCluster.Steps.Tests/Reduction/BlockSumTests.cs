using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Steps.Tests.Reduction;

public sealed class BlockSumTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(200_003)]
    public void Vector_instructions_give_the_bits_of_the_plain_loop(int length)
    {
        var (layout, vector) = Made([3, length, 65_536, 5]);
        Assert.Equal(Plain(layout, vector), BlockSum.SumOfSquares(layout, vector));
    }

    [Fact]
    public void Blocks_restart_at_every_slice()
    {
        var (layout, vector) = Made([65_500, 65_536]);
        var (one, _) = Made([layout.Length]);
        Assert.NotEqual(BlockSum.SumOfSquares(one, vector), BlockSum.SumOfSquares(layout, vector));
    }

    [Fact]
    public void Padding_is_left_out()
    {
        var (layout, vector) = Made([3, 5]);
        var before = BlockSum.SumOfSquares(layout, vector);
        vector[3] = vector[15] = float.NaN;
        Assert.Equal(before, BlockSum.SumOfSquares(layout, vector));
    }

    [Fact]
    public void A_known_sum() =>
        Assert.Equal(1 + 4 + 9 + 16 + 25, BlockSum.SumOfSquares(Made([5]).Layout, [1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));

    [Fact]
    public void Finite_means_neither_nan_nor_infinite()
    {
        var values = new float[37];
        Assert.True(Finite.All(values));
        Assert.True(Finite.All([]));
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            for (var place = 0; place < values.Length; place++)
            {
                values[place] = bad;
                Assert.False(Finite.All(values));
                values[place] = float.MaxValue;
            }
    }

    [Fact]
    public void A_leafs_hash_is_pinned() =>
        Assert.Equal("8f1899e486bf4c83577b64c6556db4b6", LeafHash.Of([1f, -0f, 3.5f]).ToString("x32", System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The order as docs/numerics.md writes it, one element after another.</summary>
    private static double Plain(VectorLayout layout, float[] vector)
    {
        var sum = 0.0;
        foreach (var slice in layout.Slices)
            for (var start = 0; start < slice.Length; start += 65_536)
            {
                var s = new double[8];
                for (var j = 0; j < Math.Min(65_536, slice.Length - start); j++)
                {
                    double x = vector[slice.Offset + start + j];
                    s[j % 8] += x * x;
                }
                sum += s[0] + s[1] + (s[2] + s[3]) + (s[4] + s[5] + (s[6] + s[7]));
            }
        return sum;
    }

    private static (VectorLayout Layout, float[] Vector) Made(int[] lengths)
    {
        var layout = VectorLayout.Of(lengths.Select((length, i) => ($"slice.{i}", (IReadOnlyList<long>)[length], new ParameterGroup())));
        var random = new PhiloxStream(9, "vector");
        var vector = new float[layout.Length];
        foreach (var slice in layout.Slices)
            for (var j = 0; j < slice.Length; j++)
                vector[slice.Offset + j] = (float)random.NextGaussian();
        return (layout, vector);
    }
}
