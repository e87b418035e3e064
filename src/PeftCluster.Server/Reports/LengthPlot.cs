using OxyPlot.Axes;
using OxyPlot.Series;
using PeftCluster.Data.Preflight;

namespace PeftCluster.Server.Reports;

/// <summary>How long the rows are, as bars.</summary>
internal static class LengthPlot
{
    /// <param name="id">Unique in the page.</param>
    /// <param name="bins">The bars.</param>
    /// <param name="rows">Which of their rows.</param>
    /// <param name="wide">Over the whole page, or half of it.</param>
    public static string Svg(string id, IReadOnlyList<LengthBin> bins, Func<LengthBin, int> rows, bool wide)
    {
        var model = PagePlot.Empty();
        model.Axes.Add(PagePlot.Axis(AxisPosition.Bottom, gridded: false));
        var count = PagePlot.Axis(AxisPosition.Left, gridded: true);
        (count.Minimum, count.MinimumMajorStep) = (0, 1);
        model.Axes.Add(count);
        var series = new RectangleBarSeries { FillColor = PagePlot.Line, StrokeThickness = 0 };
        foreach (var bin in bins)
        {
            // A little air between two bars.
            var width = bin.To - bin.From + 1;
            series.Items.Add(new RectangleBarItem(bin.From - 1 + 0.04 * width, 0, bin.To - 0.04 * width, rows(bin)));
        }
        model.Series.Add(series);
        return PagePlot.Svg(model, id, wide);
    }
}
