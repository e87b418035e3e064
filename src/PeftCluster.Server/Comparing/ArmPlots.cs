using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Comparing;

/// <summary>The figures of a comparison's page as inline SVGs: how far each arm's accuracies spread, and what an accuracy costs.</summary>
internal static class ArmPlots
{
    private const int RowHeight = 30;
    private const int Around = 50;

    // About what a letter of an arm's name takes.
    private const int LetterWidth = 7;

    // What a name takes of a figure's height, in percent, and of the range of its costs.
    private const double LabelHeight = 6;
    private const double LabelShare = 0.5;

    /// <summary>A line for each arm: all its accuracies as points, the middle half as a bar, the median as a stroke.</summary>
    public static string Spreads(IReadOnlyList<ArmRow> rows)
    {
        var model = PagePlot.Empty();
        model.PlotMargins = new OxyThickness(rows.Max(row => row.Arm.Length) * LetterWidth + 10, 6, 16, 24);
        var percent = PagePlot.Axis(AxisPosition.Bottom, gridded: true);
        (percent.Minimum, percent.Maximum) = (0, 100);
        model.Axes.Add(percent);
        var names = PagePlot.Styled(new CategoryAxis { StartPosition = 1, EndPosition = 0 }, AxisPosition.Left, gridded: false);
        names.Labels.AddRange(rows.Select(row => row.Arm));
        model.Axes.Add(names);
        var points = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 3, MarkerFill = OxyColor.FromAColor(110, PagePlot.Line) };
        foreach (var (place, row) in rows.Index())
        {
            model.Series.Add(Bar(place, row.Accuracy.LowerQuartile, row.Accuracy.UpperQuartile, 5));
            foreach (var accuracy in row.Seeds.SelectMany(seed => seed.Accuracies))
                points.Points.Add(new ScatterPoint(accuracy * 100, place));
            model.Annotations.Add(new LineAnnotation
            {
                Type = LineAnnotationType.Vertical,
                X = row.Accuracy.Median * 100,
                MinimumY = place - 0.35,
                MaximumY = place + 0.35,
                Color = PagePlot.Line,
                StrokeThickness = 2.5,
                LineStyle = LineStyle.Solid,
            });
        }
        model.Series.Add(points);
        return PagePlot.Svg(model, "spreads", wide: true, Around + RowHeight * rows.Count);
    }

    /// <summary>Each arm's median accuracy over a cost, which goes by powers of ten; arms that cost nothing are left out.</summary>
    /// <param name="id">Unique in the page.</param>
    /// <param name="rows">The arms.</param>
    /// <param name="cost">The cost.</param>
    public static string Over(string id, IReadOnlyList<ArmRow> rows, Func<ArmRow, double> cost)
    {
        var model = PagePlot.Empty();
        var costs = PagePlot.Styled(new LogarithmicAxis { UseSuperExponentialFormat = true }, AxisPosition.Bottom, gridded: true);
        (costs.MinimumPadding, costs.MaximumPadding) = (0.1, 0.8);
        model.Axes.Add(costs);
        var percent = PagePlot.Axis(AxisPosition.Left, gridded: true);
        (percent.Minimum, percent.Maximum) = (0, 104);
        model.Axes.Add(percent);
        ArmRow[] costly = [.. rows.Where(row => cost(row) > 0)];
        var points = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 4, MarkerFill = PagePlot.Line };
        points.Points.AddRange(costly.Select(row => new ScatterPoint(cost(row), row.Accuracy.Median * 100)));
        model.Series.Add(points);
        foreach (var (row, height) in Labels(costly, cost))
        {
            model.Annotations.Add(new TextAnnotation
            {
                Text = row.Arm,
                TextPosition = new DataPoint(cost(row), height),
                TextHorizontalAlignment = HorizontalAlignment.Left,
                TextVerticalAlignment = VerticalAlignment.Middle,
                Offset = new ScreenVector(8, 0),
                StrokeThickness = 0,
                FontSize = 11,
            });
        }
        return PagePlot.Svg(model, id, wide: false);
    }

    /// <summary>At what height, in percent, each arm's name stands: beside its point, or below a name that it would cover.</summary>
    private static IEnumerable<(ArmRow Row, double Height)> Labels(IReadOnlyList<ArmRow> rows, Func<ArmRow, double> cost)
    {
        var reach = LabelShare * rows.Select(row => Math.Log10(cost(row))).DefaultIfEmpty().Max(most => most - Math.Log10(rows.Min(cost)));
        var placed = new List<(double Place, double Height)>();
        foreach (var row in rows.OrderByDescending(row => row.Accuracy.Median))
        {
            var (place, height) = (Math.Log10(cost(row)), row.Accuracy.Median * 100);
            foreach (var other in placed.Where(other => Math.Abs(other.Place - place) <= reach).OrderByDescending(other => other.Height))
                height = Math.Abs(other.Height - height) < LabelHeight ? other.Height - LabelHeight : height;
            placed.Add((place, height));
            yield return (row, height);
        }
    }

    private static LineSeries Bar(int place, double from, double to, double thickness)
    {
        var bar = new LineSeries { Color = OxyColor.FromAColor(70, PagePlot.Line), StrokeThickness = thickness };
        bar.Points.Add(new DataPoint(from * 100, place));
        bar.Points.Add(new DataPoint(to * 100, place));
        return bar;
    }
}
