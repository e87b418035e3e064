using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace PeftCluster.Server.Reports;

/// <summary>One figure over the steps as an inline SVG.</summary>
internal static class LinePlot
{
    /// <summary>A screen has no more columns than this; longer series are thinned, the means of neighbours taking their place.</summary>
    private const int MostPoints = 1_500;

    /// <summary>Draws the points that are finite.</summary>
    /// <param name="id">Unique in the page.</param>
    /// <param name="points">Step and value.</param>
    /// <param name="wide">Over the whole page, or half of it.</param>
    public static string Svg(string id, IReadOnlyList<(double Step, double Value)> points, bool wide = true)
    {
        var model = PagePlot.Empty();
        model.Axes.Add(PagePlot.Axis(AxisPosition.Bottom, gridded: false));
        model.Axes.Add(PagePlot.Axis(AxisPosition.Left, gridded: true));
        var series = new LineSeries { Color = PagePlot.Line, StrokeThickness = 1.8, LineJoin = LineJoin.Round };
        foreach (var (step, value) in Thinned([.. points.Where(point => double.IsFinite(point.Value))]))
            series.Points.Add(new DataPoint(step, value));
        model.Series.Add(series);
        return PagePlot.Svg(model, id, wide);
    }

    private static IEnumerable<(double Step, double Value)> Thinned(IReadOnlyList<(double Step, double Value)> points)
    {
        var group = (points.Count + MostPoints - 1) / MostPoints;
        return group <= 1
            ? points
            : points.Chunk(group).Select(near => (near.Average(point => point.Step), near.Average(point => point.Value)));
    }
}
