using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Axes;

namespace PeftCluster.Server.Reports;

/// <summary>
/// A figure of a page as an inline SVG, drawn by OxyPlot. What is unusual: colours are placeholders that become
/// currentColor and a CSS variable, so that one drawing suits a light and a dark page, and ids get a prefix, since several
/// drawings share one page.
/// </summary>
internal static partial class PagePlot
{
    // About the pixels that a figure gets on a desktop: then its labels are as large as the text around it.
    private const int WideWidth = 900;
    private const int HalfWidth = 440;
    private const int Height = 240;

    private static readonly OxyColor Ink = OxyColor.FromRgb(1, 2, 3);
    private static readonly OxyColor Grid = OxyColor.FromRgb(7, 8, 9);

    /// <summary>The colour of what is drawn.</summary>
    public static OxyColor Line { get; } = OxyColor.FromRgb(4, 5, 6);

    /// <summary>A figure without axes and series.</summary>
    public static PlotModel Empty() => new()
    {
        TextColor = Ink,
        PlotAreaBorderColor = OxyColors.Transparent,
        PlotMargins = new OxyThickness(56, 6, 10, 24),
        DefaultFont = "inherit",
    };

    public static LinearAxis Axis(AxisPosition position, bool gridded) => Styled(new LinearAxis(), position, gridded);

    /// <summary>An axis of any kind as all of a page look.</summary>
    public static TAxis Styled<TAxis>(TAxis axis, AxisPosition position, bool gridded)
        where TAxis : Axis
    {
        axis.Position = position;
        axis.TicklineColor = Grid;
        axis.AxislineColor = Grid;
        axis.AxislineStyle = LineStyle.Solid;
        axis.MinorTickSize = 0;
        axis.MajorTickSize = 4;
        axis.FontSize = 11;
        axis.MaximumPadding = 0.04;
        axis.MinimumPadding = gridded ? 0.04 : 0;
        axis.MajorGridlineStyle = gridded ? LineStyle.Solid : LineStyle.None;
        axis.MajorGridlineColor = Grid;
        axis.MajorGridlineThickness = 0.5;
        return axis;
    }

    /// <summary>The drawing.</summary>
    /// <param name="model">What is drawn.</param>
    /// <param name="id">Unique in the page.</param>
    /// <param name="wide">Over the whole page, or half of it.</param>
    /// <param name="height">About the pixels from top to bottom.</param>
    public static string Svg(PlotModel model, string id, bool wide, int height = Height)
    {
        var width = wide ? WideWidth : HalfWidth;
        var svg = SvgExporter.ExportToString(model, width, height, isDocument: false);
        svg = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
        svg = ClipId().Replace(svg, $"$1{id}-clip");
        svg = Size().Replace(svg, $"<svg viewBox=\"0 0 {width} {height}\" role=\"img\"", 1);
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
