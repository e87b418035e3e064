using CsCheck;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Steps.Tests.Randomness;

public sealed class PhiloxStreamTests
{
    [Fact]
    public void A_stream_gives_the_blocks_of_its_key_in_order()
    {
        var stream = new PhiloxStream(7, "test", stream: 5);
        var key = Philox4x32.Key(7, "test");
        var (first, second) = (Philox4x32.Block(key, 0, 5), Philox4x32.Block(key, 1, 5));
        uint[] drawn = [.. Enumerable.Range(0, 8).Select(_ => stream.NextUInt32())];
        Assert.Equal([first.X0, first.X1, first.X2, first.X3, second.X0, second.X1, second.X2, second.X3], drawn);
    }

    [Fact]
    public void Doubles_lie_in_their_range_and_average_to_a_half()
    {
        var stream = new PhiloxStream(1, "test");
        double[] drawn = [.. Enumerable.Range(0, 100_000).Select(_ => stream.NextDouble())];
        Assert.All(drawn, x => Assert.InRange(x, 0, Math.BitDecrement(1.0)));
        Assert.Equal(0.5, drawn.Average(), tolerance: 0.005);
        Assert.Equal(1.0 / 12, drawn.Average(x => (x - 0.5) * (x - 0.5)), tolerance: 0.002);
    }

    [Fact]
    public void Numbers_below_a_limit_come_equally_often()
    {
        var stream = new PhiloxStream(2, "test");
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
            counts[stream.NextBelow(7)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Fact]
    public void A_limit_near_the_largest_is_unbiased_too()
    {
        // 2³² is 8/3 of this limit: without the rejection every third number would come twice where the others come three times.
        const int limit = 3 << 29;
        var stream = new PhiloxStream(3, "test");
        var thirds = Enumerable.Range(0, 30_000).Count(_ => stream.NextBelow(limit) % 3 == 2);
        Assert.InRange(thirds, 9_600, 10_400);
    }

    [Fact]
    public void Normal_numbers_have_the_moments_of_a_normal_distribution()
    {
        var stream = new PhiloxStream(4, "test");
        double[] drawn = [.. Enumerable.Range(0, 200_000).Select(_ => stream.NextGaussian())];
        Assert.Equal(0, drawn.Average(), tolerance: 0.01);
        Assert.Equal(1, drawn.Average(x => x * x), tolerance: 0.02);
        Assert.Equal(3, drawn.Average(x => x * x * x * x), tolerance: 0.1);
        Assert.Equal(0.6827, drawn.Count(x => Math.Abs(x) < 1) / 200_000.0, tolerance: 0.005);
    }

    [Fact]
    public void Normal_numbers_are_pinned_to_the_bit()
    {
        var stream = new PhiloxStream(5, "test");
        Assert.Equal([13814798157504831709, 4600481561106227501, 4587958120781866628, 4608280416584293826], Enumerable.Range(0, 4).Select(_ => BitConverter.DoubleToUInt64Bits(stream.NextGaussian())));
    }

    [Fact]
    public void A_shuffle_keeps_every_value() =>
        Gen.Select(Gen.Long, Gen.Int[0, 200]).Sample((seed, count) =>
        {
            int[] values = [.. Enumerable.Range(0, count)];
            new PhiloxStream(seed, "test").Shuffle(values);
            return values.Order().SequenceEqual(Enumerable.Range(0, count));
        });

    [Fact]
    public void All_orders_of_three_come_equally_often()
    {
        var stream = new PhiloxStream(6, "test");
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 60_000; i++)
        {
            int[] values = [0, 1, 2];
            stream.Shuffle(values);
            var order = string.Join(',', values);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 9_600, 10_400));
    }
}
