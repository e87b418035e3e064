using CsCheck;
using PeftCluster.Steps.Measures;

namespace PeftCluster.Steps.Tests.Measures;

/// <summary>Median and interquartile range, where numpy.percentile puts them.</summary>
public sealed class QuartilesTests
{
    private static readonly Gen<double[]> Numbers = Gen.Double[-1000, 1000].Array[1, 20];

    [Fact]
    public void A_value_between_two_numbers_lies_on_the_line()
    {
        // Places ¼·3 = 0.75, ½·3 = 1.5, ¾·3 = 2.25 of 1, 2, 4, 8: 1 + 0.75·1, 2 + 0.5·2, 4 + 0.25·4.
        Assert.Equal(new Quartiles(1.75, 3, 5), Quartiles.Of([8, 1, 4, 2]));
        Assert.Equal(3.25, Quartiles.Of([8, 1, 4, 2]).Range);
    }

    [Fact]
    public void A_value_at_a_number_is_that_number() =>
        Assert.Equal(new Quartiles(0.2, 0.3, 0.7), Quartiles.Of([0.7, 0.1, 0.3, 0.2, 0.9])); // places 1, 2 and 3 of five

    [Fact]
    public void One_number_has_no_spread_and_two_have_half_their_distance()
    {
        Assert.Equal(new Quartiles(7, 7, 7), Quartiles.Of([7]));
        Assert.Equal(new Quartiles(1.5, 2, 2.5), Quartiles.Of([3, 1])); // places ¼, ½, ¾ between 1 and 3
    }

    [Fact]
    public void Rounding_is_numpys()
    {
        // numpy.percentile([0.1, 0.4], 75): from the upper end, since the place is behind the middle. From the lower end it is another double.
        Assert.Equal(0.4 - (0.4 - 0.1) * 0.25, Quartiles.Of([0.1, 0.4]).Upper);
        Assert.NotEqual(0.1 + (0.4 - 0.1) * 0.75, Quartiles.Of([0.1, 0.4]).Upper);
        Assert.Equal(0.1 + (0.4 - 0.1) * 0.25, Quartiles.Of([0.1, 0.4]).Lower);
    }

    [Fact]
    public void They_stand_in_order_within_the_numbers() => Numbers.Sample(numbers =>
    {
        var quartiles = Quartiles.Of(numbers);
        return numbers.Min() <= quartiles.Lower && quartiles.Lower <= quartiles.Median && quartiles.Median <= quartiles.Upper && quartiles.Upper <= numbers.Max() && quartiles.Range >= 0;
    });

    [Fact]
    public void The_order_of_the_numbers_does_not_count() => Numbers.Sample(numbers => Quartiles.Of(numbers) == Quartiles.Of(numbers.Reverse()));

    [Fact]
    public void Mirrored_numbers_have_mirrored_quartiles() => Numbers.Sample(numbers =>
    {
        var (straight, mirrored) = (Quartiles.Of(numbers), Quartiles.Of(numbers.Select(number => -number)));
        return Math.Abs(straight.Lower + mirrored.Upper) < 1e-9 && Math.Abs(straight.Median + mirrored.Median) < 1e-9 && Math.Abs(straight.Range - mirrored.Range) < 1e-9;
    });

    [Fact]
    public void No_numbers_and_numbers_that_are_not_finite_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Quartiles.Of([]));
        Assert.Throws<ArgumentException>(() => Quartiles.Of([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => Quartiles.Of([1, double.PositiveInfinity]));
    }
}
