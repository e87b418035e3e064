using System.Globalization;

namespace PeftCluster.Cli.Rendering;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Figures
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>1,234,567.</summary>
    public static string Count(long number) => number.ToString("N0", Culture);

    /// <summary>8,192 below a hundred thousand, then 1.9 M, 7.2 B.</summary>
    public static string Size(long number) => number switch
    {
        < 100_000 => Count(number),
        < 1_000_000_000 => string.Create(Culture, $"{number / 1e6:0.0#} M"),
        _ => string.Create(Culture, $"{number / 1e9:0.0#} B"),
    };

    /// <summary>Decimal units: 32 kB, 210 MB, 1.4 GB.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => string.Create(Culture, $"{bytes} B"),
        < 1_000_000 => string.Create(Culture, $"{bytes / 1e3:0.#} kB"),
        < 1_000_000_000 => string.Create(Culture, $"{bytes / 1e6:0} MB"),
        _ => string.Create(Culture, $"{bytes / 1e9:0.0} GB"),
    };

    /// <summary>A share of 0 to 1 as 96.0 %.</summary>
    public static string Percent(double share) => string.Create(Culture, $"{share * 100:0.0} %");

    /// <summary>A share that may be small: two digits that count, 0.42 %.</summary>
    public static string SmallPercent(double share) => string.Create(Culture, $"{share * 100:0.##} %");

    /// <summary>A share that may be far below a hundredth of a percent: 0.0012 %.</summary>
    public static string SharePercent(double share) => share is > 0 and < 0.0001 ? string.Create(Culture, $"{share * 100:0.####} %") : SmallPercent(share);

    /// <summary>Three digits after the point for losses and norms; tiny and huge ones by exponent.</summary>
    public static string Loss(double loss) => Math.Abs(loss) is > 0 and < 0.001 or >= 10_000
        ? loss.ToString("0.0e+0", Culture)
        : loss.ToString("0.000", Culture);

    /// <summary>A learning rate: 1.1e-3.</summary>
    public static string Rate(double rate) => rate == 0 ? "0" : rate.ToString("0.0#e-0", Culture);

    /// <summary>Three digits that count, of any size: 0, 0.0123, 1.23, 4.56e7.</summary>
    public static string Short(double number) => Math.Abs(number) switch
    {
        0 => "0",
        >= 0.001 and < 10_000 => number.ToString("G3", Culture) is var text && text.Contains('E', StringComparison.Ordinal) ? number.ToString("0", Culture) : number.ToString("G3", Culture),
        double.NaN => "NaN",
        _ => number.ToString("0.##e-0", Culture),
    };

    /// <summary>00:19, 12:05, 1:02:03.</summary>
    public static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(Culture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : string.Create(Culture, $"{time.Minutes:00}:{time.Seconds:00}");
}
