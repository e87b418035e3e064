namespace PeftCluster.Cli.Rendering;

/// <summary>A row of numbers as bars of eight heights, the lowest number lowest.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>One bar for each number; where all are equal, all are low; what is not finite is a question mark.</summary>
    public static string Of(IReadOnlyList<double> numbers)
    {
        var finite = numbers.Where(double.IsFinite).ToList();
        var (low, high) = finite.Count == 0 ? (0, 0) : (finite.Min(), finite.Max());
        return string.Concat(numbers.Select(number => Bar(number, low, high)));
    }

    private static char Bar(double number, double low, double high)
    {
        if (!double.IsFinite(number))
            return '?';
        var height = high > low ? (number - low) / (high - low) : 0;
        return Bars[(int)Math.Round(height * (Bars.Length - 1))];
    }

    /// <summary>So much of a bar of the given width is full.</summary>
    public static string Progress(double share, int width)
    {
        var full = (int)Math.Round(Math.Clamp(share, 0, 1) * width);
        return new string('▇', full) + new string('▁', width - full);
    }
}
