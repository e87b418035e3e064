using PeftCluster.Cli.Commands;
using PeftCluster.Cli.Rendering;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using PeftCluster.Server.Tests;
using Spectre.Console.Testing;

namespace PeftCluster.Cli.Tests.Rendering;

/// <summary>What a user sees of the sample run, pinned: plain for files, live for a terminal.</summary>
public sealed class RunScreenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_file_gets_plain_lines()
    {
        using var output = new StringWriter();
        using var screen = RunScreen.For(new Terminal(output, TextWriter.Null, IsTerminal: false, Width: 160), quiet: false);

        await Play(screen, SampleRun.Whole());

        Assert.DoesNotContain('\u001b', output.ToString());
        Snapshot.Matches("train-plain", Neutral(output.ToString()));
    }

    [Fact]
    public async Task A_terminal_keeps_the_header_the_measurements_and_the_summary_around_a_live_line()
    {
        var console = new TestConsole().Width(180);
        using var screen = new LiveScreen(console);

        await Play(screen, SampleRun.Whole());

        var lines = console.Output.Split('\n').Select(line => line.TrimEnd()).ToList();
        foreach (var kept in (string[])["base     llama", "data     256 rows", "zero-shot  exact", "adapter    exact", "completed 24 steps", "next      peft generate"])
            Assert.Single(lines, line => line.StartsWith(kept, StringComparison.Ordinal));
        Assert.Contains("step 24/24  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇", console.Output, StringComparison.Ordinal);
        Assert.True(console.Output.LastIndexOf("step 24/24", StringComparison.Ordinal) < console.Output.IndexOf("accuracy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_large_data_is_prepared_a_file_gets_a_line_for_each_64_MB_and_a_terminal_a_bar()
    {
        using var output = new StringWriter();
        using var plain = RunScreen.For(new Terminal(output, TextWriter.Null, IsTerminal: false, Width: 160), quiet: false);
        var console = new TestConsole().Width(180);
        using var live = new LiveScreen(console);
        foreach (var read in (long[])[1, 63, 65, 90, 130, 200])
            plain.Report(new PreparationProgress("data.train", read * 1_000_000, 200_000_000, (int)read * 1000));
        plain.Report(new PreparationProgress("data.eval", 70_000_000, 70_000_000, 1));

        live.Report(new PreparationProgress("data.train", 100_000_000, 200_000_000, 100_000));
        await Play(live, SampleRun.Whole());

        Assert.Equal(
            ["preparing  data.train: 65 MB of 200 MB read, 65,000 rows", "preparing  data.train: 130 MB of 200 MB read, 130,000 rows", "preparing  data.train: 200 MB of 200 MB read, 200,000 rows", "preparing  data.eval: 70 MB of 70 MB read, 1 rows"],
            output.ToString().TrimEnd().Split('\n'));
        Assert.StartsWith("preparing  data.train  ▇▇▇▇▇▇▇▇▇▇▁▁▁▁▁▁▁▁▁▁   100 MB of 200 MB   100,000 rows", PreparationText.Live(new PreparationProgress("data.train", 100_000_000, 200_000_000, 100_000)), StringComparison.Ordinal);
        Assert.Contains("step 24/24", console.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(JobPhase.Paused)]
    [InlineData(JobPhase.Failed)]
    public async Task A_run_that_stopped_says_why_and_what_to_do(JobPhase phase)
    {
        using var output = new StringWriter();
        using var screen = RunScreen.For(new Terminal(output, TextWriter.Null, IsTerminal: false, Width: 160), quiet: false);

        await Play(screen, [SampleRun.Started(attempt: 2, firstStep: 9), SampleRun.Step(9), new RunWarning("worker 2 is slow"), SampleRun.Ended(phase, 10)]);

        Snapshot.Matches($"train-{RunStatus.Of(phase)}", Neutral(output.ToString()));
    }

    [Fact]
    public async Task A_run_that_stopped_early_says_why_and_which_version_is_best()
    {
        using var output = new StringWriter();
        using var screen = RunScreen.For(new Terminal(output, TextWriter.Null, IsTerminal: false, Width: 160), quiet: false);

        await Play(screen, SampleRun.StoppedEarly());

        Snapshot.Matches("train-early-stopped", Neutral(output.ToString()));
    }

    [Fact]
    public async Task A_run_that_trains_nothing_shows_how_answer_choices_were_ranked_and_says_so()
    {
        using var output = new StringWriter();
        using var screen = RunScreen.For(new Terminal(output, TextWriter.Null, IsTerminal: false, Width: 160), quiet: false);

        await Play(screen, SampleRun.MeasuredOnly());

        Snapshot.Matches("train-measured", Neutral(output.ToString()));
    }

    [Fact]
    public async Task Quiet_is_quiet()
    {
        using var output = new StringWriter();
        using var screen = RunScreen.For(new Terminal(output, output, IsTerminal: false, Width: 160), quiet: true);

        await Play(screen, SampleRun.Whole());

        Assert.Empty(output.ToString());
    }

    [Fact]
    public async Task A_run_that_throws_throws_through_the_live_display()
    {
        using var screen = new LiveScreen(new TestConsole());

        await Assert.ThrowsAsync<IOException>(() => screen.ShowAsync(() => throw new IOException("the disk is full")));
    }

    public void Dispose() => _folder.Dispose();

    private Task<RunOutcome> Play(RunScreen screen, IEnumerable<RunEvent> events) => screen.ShowAsync(() =>
    {
        var header = SampleRun.Header(_folder.Path);
        screen.Opened(header);
        var all = events.ToList();
        all.ForEach(screen.Hear);
        var measured = all.OfType<EvaluationDone>().Where(done => done.Version == all.OfType<RunEnded>().Last().AdapterVersion || !done.Target.Adapter).Select(done => new MeasuredTarget(
            done.Target.Adapter, done.Target.Shots, done.Metrics.Loss, done.Metrics.ExactMatch, done.Metrics.PromptTokens, done.Metrics.Rows, done.Metrics.Scores, done.Metrics.Choices));
        return Task.FromResult(new RunOutcome(header, all.OfType<RunStarted>().First(), all.OfType<RunEnded>().Last(), [.. measured], TimeSpan.FromSeconds(61)));
    });

    private string Neutral(string text) => text
        .Replace(_folder.Path, "/runs/support-tone", StringComparison.Ordinal)
        .Replace(CommandLine.Version, "VERSION", StringComparison.Ordinal);
}
