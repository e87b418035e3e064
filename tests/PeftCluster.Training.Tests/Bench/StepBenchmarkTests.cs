using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Bench;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.Bench;

/// <summary>The measurement of a step: its floor to the operation, and that it measures a step at all.</summary>
public sealed class StepBenchmarkTests
{
    [Fact]
    public void The_floor_of_the_committed_configuration_is_164_billion_operations()
    {
        var config = ModelConfigFile.LoadFile(Repository.File("bench", "configs", "llama-512x8.json"));
        Assert.InRange(StepFlops.Of(config, 4 * 256) / 164e9, 0.99, 1.01);
    }

    [Fact]
    public void A_tied_head_counts_like_one_of_its_own() => Assert.Equal(
        StepFlops.Of(TinyLlama.Config, 10), StepFlops.Of(TinyLlama.Config with { TiedHead = true }, 10));

    [Theory]
    [InlineData("ia3", BaseDtype.Float32)]
    [InlineData("lora", BaseDtype.Bfloat16)]
    public async Task Every_figure_of_a_tiny_model_is_there(string method, BaseDtype dtype)
    {
        var options = new StepBenchmarkOptions(TinyLlama.Config, MethodRegistry.Default(method), 2, 20, 1, 5) { ProductSize = 128, BaseDtype = dtype };
        var result = await StepBenchmark.RunAsync(options, TestContext.Current.CancellationToken);
        foreach (var figure in new[] { result.ForwardMs, result.BackwardMs, result.OptimizerMs, result.TokensPerSecond, result.PeakRssMb, result.MatmulGflops, result.FloorRatio })
            Assert.True(double.IsFinite(figure) && figure > 0, result.ToString());
        Assert.True(result.MedianMs > result.ForwardMs && result.MedianMs > result.BackwardMs, result.ToString());
        Assert.Equal(2 * 20 * 1000 / result.MedianMs, result.TokensPerSecond, 1e-6);
        var floorMs = StepFlops.Of(TinyLlama.Config, 2 * 20) / result.MatmulGflops / 1e6;
        Assert.Equal(result.MedianMs / floorMs, result.FloorRatio, 1e-6 * result.FloorRatio);
    }
}
