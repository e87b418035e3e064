using System.Text.RegularExpressions;
using System.Xml.Linq;
using PeftCluster.Server.Comparing;

namespace PeftCluster.Server.Tests.Comparing;

public sealed partial class ComparisonPageTests
{
    private static readonly string Html = ComparisonPage.Of(SampleComparison.Table());

    [Fact]
    public void The_page_needs_nothing_from_elsewhere_and_encodes_names()
    {
        Assert.DoesNotContain("<script", Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("rte <few>", Html, StringComparison.Ordinal);
        Assert.Contains("rte &lt;few&gt;", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_a_row_for_each_arm_and_says_what_was_not_measured()
    {
        Assert.Contains("<td>t-few</td><td>85.0 %</td><td>70.0 % to 100.0 %</td><td>77.5 % to 92.5 %</td><td>0.950</td>", Html, StringComparison.Ordinal);
        Assert.Contains("<td>4.1 kB</td><td>3.00e6</td><td>1.00e6</td>", Html, StringComparison.Ordinal);
        Assert.Contains("<td>four-shot, 50 % wrong</td>", Html, StringComparison.Ordinal);
        Assert.Contains("lora, seed 1: diverged at step 3", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Three_figures_use_the_pages_colours_and_the_first_has_a_point_for_each_seed_and_template()
    {
        var figures = Svg().Matches(Html).Select(match => XDocument.Parse(match.Value)).ToList();

        Assert.Equal(3, figures.Count);
        Assert.All(figures, figure => Assert.DoesNotContain("rgb(", figure.ToString(), StringComparison.Ordinal));
        Assert.Equal(16, figures[0].Descendants().Count(element => element.Name.LocalName == "ellipse"));
    }

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();
}
