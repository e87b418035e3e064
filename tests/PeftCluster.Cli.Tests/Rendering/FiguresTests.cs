using PeftCluster.Cli.Rendering;

namespace PeftCluster.Cli.Tests.Rendering;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(8_192, "8,192")]
    [InlineData(1_900_000, "1.9 M")]
    [InlineData(7_240_000_000, "7.24 B")]
    public void Sizes_are_read_at_a_glance(long number, string text) => Assert.Equal(text, Figures.Size(number));

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(32_000, "32 kB")]
    [InlineData(210_000_000, "210 MB")]
    [InlineData(1_440_000_000, "1.4 GB")]
    public void Bytes_are_decimal(long bytes, string text) => Assert.Equal(text, Figures.Bytes(bytes));

    [Theory]
    [InlineData(0.0011, "1.1e-3")]
    [InlineData(0.002, "2.0e-3")]
    [InlineData(0.00015, "1.5e-4")]
    [InlineData(1.0, "1.0e0")]
    [InlineData(0, "0")]
    public void Rates_are_short(double rate, string text) => Assert.Equal(text, Figures.Rate(rate));

    [Theory]
    [InlineData(0.4123, "0.412")]
    [InlineData(0.00012, "1.2e-4")]
    [InlineData(double.NaN, "NaN")]
    public void Losses_have_three_digits_until_they_are_tiny(double loss, string text) => Assert.Equal(text, Figures.Loss(loss));

    [Theory]
    [InlineData(19, "00:19")]
    [InlineData(725, "12:05")]
    [InlineData(3723, "1:02:03")]
    public void Durations_show_hours_only_when_there_are_some(int seconds, string text) =>
        Assert.Equal(text, Figures.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_sparkline_has_its_highest_bar_at_the_highest_number() =>
        Assert.Equal("█▄▁?", Sparkline.Of([3, 1.9, 1, double.NaN]));

    [Fact]
    public void A_flat_sparkline_is_low() => Assert.Equal("▁▁▁", Sparkline.Of([2, 2, 2]));

    [Theory]
    [InlineData(0, "▁▁▁▁")]
    [InlineData(0.5, "▇▇▁▁")]
    [InlineData(1, "▇▇▇▇")]
    [InlineData(1.5, "▇▇▇▇")]
    public void A_bar_fills_with_its_share(double share, string bar) => Assert.Equal(bar, Sparkline.Progress(share, 4));
}
