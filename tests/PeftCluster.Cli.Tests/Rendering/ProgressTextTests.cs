using PeftCluster.Cli.Rendering;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Server.Tests;

namespace PeftCluster.Cli.Tests.Rendering;

public sealed class ProgressTextTests
{
    private static RunProgress After(int steps) => Enumerable.Range(0, steps).Select(SampleRun.Step)
        .Aggregate(new RunProgress().After(SampleRun.Started()), (progress, step) => progress.After(step));

    [Fact]
    public void The_live_lines_show_step_loss_rate_norm_speed_and_every_worker() =>
        Snapshot.Matches("progress-live", string.Join('\n', ProgressText.Live(After(15))));

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(120)]
    [InlineData(200)]
    public void The_numbers_of_a_step_stay_on_one_line_of_the_screen(int width)
    {
        var line = ProgressText.Live(After(60), width)[0];

        Assert.InRange(line.Length, 60, width);
        Assert.Contains("   eta ", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80, false)]
    [InlineData(120, true)]
    public void A_loss_on_answer_choices_is_shown_with_its_parts_where_there_is_room(int width, bool shown)
    {
        var progress = Enumerable.Range(0, 15).Select(SampleRun.Choosing).Aggregate(new RunProgress().After(SampleRun.Started()), (progress, step) => progress.After(step));
        var line = ProgressText.Live(progress, width)[0];

        Assert.InRange(line.Length, 60, width);
        Assert.Equal(shown, line.Contains(" (LM 1.500, UL -0.250, LN 0.750)", StringComparison.Ordinal));
        Assert.Matches(@"loss [\d.]+ \(LM 1\.500, UL -0\.250, LN 0\.750\)   lr", ProgressText.Plain(progress, SampleRun.Choosing(14)));
    }

    [Fact]
    public void Nothing_is_shown_before_the_first_step() => Assert.Empty(ProgressText.Live(After(0)));

    [Fact]
    public void The_remaining_time_is_that_of_the_remaining_steps()
    {
        Assert.Equal(0.33 * 20, After(4).Remaining!.Value.TotalSeconds, 3);
        Assert.Equal(TimeSpan.Zero, After(SampleRun.Steps).Remaining);
        Assert.Null(After(0).Remaining);
    }

    [Fact]
    public void Speed_is_tokens_over_seconds_of_the_steps() => Assert.Equal(1_120 / 0.33, After(7).TokensPerSecond, 6);

    [Fact]
    public void A_measurement_shows_how_far_it_is()
    {
        var progress = After(0).After(new EvaluationProgress(new EvaluationTarget(false, 5), 32, 64));

        Assert.Equal(["five-shot  ▇▇▇▇▇▇▇▇▇▇▁▁▁▁▁▁▁▁▁▁   measured on 32 of 64 held-out rows"], ProgressText.Live(progress));
        Assert.Empty(ProgressText.Live(progress.After(SampleRun.Measured(false, 5, 0.1))));
    }
}
