using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace PeftCluster.Server.Reports;

/// <summary>
/// One figure over the steps as an inline SVG, drawn by OxyPlot. What is unusual: colours are placeholders that become
/// currentColor and a CSS variable, so that one drawing suits a light and a dark page, and ids get a prefix, since several
/// drawings share one page.
/// </summary>
internal static partial class LinePlot
{
    // About the pixels that a figure gets on a desktop: then its labels are as large as the text around it.
    private const int WideWidth = 900;
    private const int HalfWidth = 440;
    private const int Height = 240;

    /// <summary>A screen has no more columns than this; longer series are thinned, the means of neighbours taking their place.</summary>
    private const int MostPoints = 1_500;

    private static readonly OxyColor Ink = OxyColor.FromRgb(1, 2, 3);
    private static readonly OxyColor Line = OxyColor.FromRgb(4, 5, 6);
    private static readonly OxyColor Grid = OxyColor.FromRgb(7, 8, 9);

    /// <summary>Draws the points that are finite.</summary>
    /// <param name="id">Unique in the page.</param>
    /// <param name="points">Step and value.</param>
    /// <param name="wide">Over the whole page, or half of it.</param>
    public static string Svg(string id, IReadOnlyList<(double Step, double Value)> points, bool wide = true)
    {
        var width = wide ? WideWidth : HalfWidth;
        var model = new PlotModel
        {
            TextColor = Ink,
            PlotAreaBorderColor = OxyColors.Transparent,
            PlotMargins = new OxyThickness(56, 6, 10, 24),
            DefaultFont = "inherit",
        };
        model.Axes.Add(Axis(AxisPosition.Bottom, gridded: false));
        model.Axes.Add(Axis(AxisPosition.Left, gridded: true));
        var series = new LineSeries { Color = Line, StrokeThickness = 1.8, LineJoin = LineJoin.Round };
        foreach (var (step, value) in Thinned([.. points.Where(point => double.IsFinite(point.Value))]))
            series.Points.Add(new DataPoint(step, value));
        model.Series.Add(series);
        return ForPage(SvgExporter.ExportToString(model, width, Height, isDocument: false), id, width);
    }

    private static LinearAxis Axis(AxisPosition position, bool gridded) => new()
    {
        Position = position,
        TicklineColor = Grid,
        AxislineColor = Grid,
        AxislineStyle = LineStyle.Solid,
        MinorTickSize = 0,
        MajorTickSize = 4,
        FontSize = 11,
        MaximumPadding = 0.04,
        MinimumPadding = gridded ? 0.04 : 0,
        MajorGridlineStyle = gridded ? LineStyle.Solid : LineStyle.None,
        MajorGridlineColor = Grid,
        MajorGridlineThickness = 0.5,
    };

    private static IEnumerable<(double Step, double Value)> Thinned(IReadOnlyList<(double Step, double Value)> points)
    {
        var group = (points.Count + MostPoints - 1) / MostPoints;
        return group <= 1
            ? points
            : points.Chunk(group).Select(near => (near.Average(point => point.Step), near.Average(point => point.Value)));
    }

    private static string ForPage(string svg, string id, int width)
    {
        svg = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
        svg = ClipId().Replace(svg, $"$1{id}-clip");
        svg = Size().Replace(svg, $"<svg viewBox=\"0 0 {width} {Height}\" role=\"img\"", 1);
        return svg
            .Replace("rgb(1,2,3)", "currentColor", StringComparison.Ordinal)
            .Replace("rgb(4,5,6)", "var(--line)", StringComparison.Ordinal)
            .Replace("rgb(7,8,9)", "var(--grid)", StringComparison.Ordinal);
    }

    [GeneratedRegex("""(id="|url\(#)clipPath""")]
    private static partial Regex ClipId();

    [GeneratedRegex("""<svg width="\d+" height="\d+"(?= )""")]
    private static partial Regex Size();
}
