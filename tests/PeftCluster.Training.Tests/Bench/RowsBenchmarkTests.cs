using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Bench;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.Bench;

/// <summary>The measurement of rows of unlike lengths: its made-up data, and that its figures belong together.</summary>
public sealed class RowsBenchmarkTests
{
    [Fact]
    public void Made_up_rows_have_the_lengths_that_they_say()
    {
        var rows = new LogNormalRows(20_000, 100_000, 64, 7);
        int[] prompts = [.. Enumerable.Range(0, rows.Count).Select(rows.PromptLength).Order()], completions = [.. Enumerable.Range(0, rows.Count).Select(rows.Labels).Order()];

        Assert.InRange(prompts[10_000], 88, 92);
        Assert.InRange(completions[10_000], 58, 62);
        // A normal number is below one deviation in 84.13 of 100 cases.
        Assert.InRange(Math.Log(prompts[16_827] / 90.0), 0.57, 0.63);
        Assert.InRange(Math.Log(completions[16_827] / 60.0), 0.76, 0.84);
    }

    [Fact]
    public async Task Every_way_learns_from_every_row_and_packing_pads_least()
    {
        var options = new RowsBenchmarkOptions(TinyLlama.Config, MethodRegistry.Default("lora"), 60, 4, 2, 512, 1);

        var result = await RowsBenchmark.RunAsync(options, TestContext.Current.CancellationToken);

        Assert.Equal(["random", "grouped", "packed"], result.Ways.Select(way => way.Way));
        Assert.True(result.Ways[0].Padding > result.Ways[1].Padding && result.Ways[1].Padding > result.Ways[2].Padding, result.ToString());
        Assert.All(result.Ways, way => Assert.Equal(60 / way.Seconds, way.RowsPerSecond, 1e-6));
        Assert.Equal(result.Ways[2].RowsPerSecond / result.Ways[0].RowsPerSecond, result.Speedup, 1e-9);
        Assert.Equal(1 / (1 - result.Ways[0].Padding), result.PaddedByReal, 1e-9);
    }
}
