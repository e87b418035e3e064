using System.Text.RegularExpressions;
using System.Xml.Linq;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Tests.Reports;

public sealed partial class ReportPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_page_needs_nothing_from_elsewhere()
    {
        var html = Page();

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", html, StringComparison.OrdinalIgnoreCase);
        var addresses = Address().Matches(html).Select(match => match.Value).Distinct();
        Assert.All(addresses, address => Assert.StartsWith("http://www.w3.org/", address, StringComparison.Ordinal)); // XML names of SVG, never fetched
    }

    [Fact]
    public void Three_plots_show_every_step_in_colours_of_the_page()
    {
        var plots = Svg().Matches(Page()).Select(match => XDocument.Parse(match.Value)).ToList();

        Assert.Equal(3, plots.Count);
        foreach (var plot in plots)
        {
            var line = plot.Descendants().Single(element => ((string?)element.Attribute("style"))?.Contains("var(--line)", StringComparison.Ordinal) == true);
            Assert.Equal(SampleRun.Steps, ((string)line.Attribute("points")!).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.DoesNotContain("rgb(", plot.ToString(), StringComparison.Ordinal);
        }
        Assert.Equal(3, plots.Select(plot => (string?)plot.Descendants().First(element => element.Name.LocalName == "clipPath").Attribute("id")).Distinct().Count());
    }

    [Fact]
    public void Each_loss_on_answer_choices_has_a_plot()
    {
        Play(SampleRun.Header(_folder.Path), [SampleRun.Started(), .. Enumerable.Range(0, SampleRun.Steps).Select(SampleRun.Choosing), SampleRun.Ended()]);
        var html = File.ReadAllText(_folder["report.html"]);

        Assert.Equal(6, Svg().Count(html));
        Assert.Contains("Loss on answer choices, the weighted sum of three, in nats", html, StringComparison.Ordinal);
        Assert.Contains("Unlikelihood of the wrong choices&#39; tokens, in nats", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_measured_versions_shows_their_loss_the_best_one_and_why_it_stopped()
    {
        Play(SampleRun.Header(_folder.Path), SampleRun.StoppedEarly());
        var html = File.ReadAllText(_folder["report.html"]);

        Assert.Equal(4, Svg().Count(html));
        Assert.Contains("Loss of a completion token on the held-out rows", html, StringComparison.Ordinal);
        Assert.Contains("<b>step 8</b><span>best version: loss 0.25</span>", html, StringComparison.Ordinal);
        Assert.Contains("completed: stopped early after step 16", html, StringComparison.Ordinal);
        Assert.Contains("<td>0.250</td>", html, StringComparison.Ordinal); // The exported version's row, not the last one's.
    }

    [Fact]
    public void The_table_compares_examples_in_the_prompt_with_the_adapter()
    {
        var rows = Row().Matches(Page()).Select(match => Tag().Replace(match.Value, " ")).ToList();

        Assert.Collection(rows,
            heads => Assert.Contains("prompt tokens per answer", heads, StringComparison.Ordinal),
            zero => Assert.Matches("zero-shot +4.5 % +2.310 +21 +–", zero),
            one => Assert.Matches("one-shot +7.0 % +2.310 +58 +–", one),
            five => Assert.Matches("five-shot +12.5 % +2.310 +206 +–", five),
            adapter => Assert.Matches("LoRA r 8 on q_proj, v_proj +96.0 % +0.070 +21 +0.42 %", adapter));
    }

    [Fact]
    public void Answer_choices_have_their_figures_and_their_matrix()
    {
        Play(SampleRun.Header(_folder.Path), SampleRun.MeasuredOnly());
        var html = File.ReadAllText(_folder["report.html"]);
        var rows = Row().Matches(html).Select(match => Tag().Replace(match.Value, " ")).ToList();

        Assert.Matches("accuracy +macro F1 +median of templates \\(quartiles\\) +loss", rows[0]);
        Assert.Matches("zero-shot +60.0 % +0.553 +60.0 % \\(55.0 to 61.3\\) +1.500 +21 +–", rows[1]);
        Assert.Matches("4-shot|four-shot +70.0 % +0.702 +70.0 % \\(67.5 to 72.5\\)", rows[2]);
        Assert.Contains("<tr><th>2</th><td>16</td><td>16</td></tr>", html, StringComparison.Ordinal);
        Assert.Contains("accuracy of each template: 50.0 %, 62.5 %, 60.0 %", html, StringComparison.Ordinal);
        Assert.Contains("completed: measured, and nothing was to be trained", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_from_outside_are_encoded()
    {
        var html = Page(name: "<b>bold</b>");

        Assert.DoesNotContain("<b>bold</b>", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;bold&lt;/b&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_paused_run_has_a_page_too()
    {
        Play(SampleRun.Header(_folder.Path), [SampleRun.Started(), SampleRun.Step(0), SampleRun.Ended(JobPhase.Paused, 1)]);

        Assert.Contains("paused: paused by the user", File.ReadAllText(_folder["report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_steps_do_not_make_a_page_of_megabytes()
    {
        var points = Enumerable.Range(1, 10_000).Select(step => ((double)step, 1.0 / step)).ToList();

        Assert.InRange(LinePlot.Svg("loss", points).Length, 5_000, 60_000);
    }

    public void Dispose() => _folder.Dispose();

    private string Page(string name = "support-tone")
    {
        var header = SampleRun.Header(_folder.Path);
        Play(header with { Job = header.Job with { Name = name } }, SampleRun.Whole());
        return File.ReadAllText(_folder["report.html"]);
    }

    private static void Play(RunHeader header, IEnumerable<Cluster.Coordinator.RunEvent> events)
    {
        using var watchers = new RunWatchers([new MetricsFile(TimeProvider.System), new ReportPage(), new Rethrow()]);
        watchers.Opened(header);
        foreach (var happened in events)
            watchers.Hear(happened);
    }

    /// <summary>Makes another watcher's failure the test's.</summary>
    private sealed class Rethrow : IRunWatcher
    {
        public void Opened(RunHeader header)
        {
        }

        public void Hear(Cluster.Coordinator.RunEvent happened) => Assert.IsNotType<Cluster.Coordinator.RunWarning>(happened);

        public void Dispose()
        {
        }
    }

    [GeneratedRegex("https?://[^\"'<> )]*")]
    private static partial Regex Address();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();

    [GeneratedRegex("<tr.*?</tr>", RegexOptions.Singleline)]
    private static partial Regex Row();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
