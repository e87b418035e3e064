using System.Diagnostics;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Bench;

/// <summary>
/// Measures a training step on the processor. A product of known size is measured between the steps, because machines are shared: the
/// ratio of the two holds when times do not.
/// </summary>
public static class StepBenchmark
{
    private const int WarmUps = 2;

    /// <summary>Makes the model and measures its steps on one device thread.</summary>
    public static async Task<StepBenchmarkResult> RunAsync(StepBenchmarkOptions options, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 5);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Length, 2);
        await using var device = new DeviceThread(new ComputeDevice(TorchSharp.DeviceType.CPU, 0), options.Threads);
        using var step = await device.RunAsync(_ => new BenchmarkStep(options), cancellation);
        var times = new List<StepTimes>();
        var products = new List<double>();
        for (var number = 0; number < WarmUps + options.Steps; number++)
        {
            var product = await device.RunAsync(_ => MeasureProduct(options.ProductSize), cancellation);
            var time = await step.MeasureAsync(device, cancellation);
            if (number < WarmUps)
                continue;
            products.Add(product);
            times.Add(time);
        }
        return Summary(times, Median(products), step, StepFlops.Of(options.Config, (long)options.Batch * options.Length));
    }

    private static StepBenchmarkResult Summary(List<StepTimes> times, double rate, BenchmarkStep step, double operations)
    {
        using var process = Process.GetCurrentProcess();
        var median = Median(times.Select(time => time.Whole));
        return new StepBenchmarkResult(
            MedianMs: median,
            ForwardMs: Median(times.Select(time => time.Forward)),
            BackwardMs: Median(times.Select(time => time.Backward)),
            OptimizerMs: Median(times.Select(time => time.Optimizer)),
            TokensPerSecond: 1e3 * step.Batch.Tokens / median,
            PeakRssMb: process.PeakWorkingSet64 / 1e6,
            RecomputedLayers: step.Recomputed,
            EstimatedMb: step.Estimated / 1e6,
            MatmulGflops: rate / 1e9,
            FloorRatio: median / 1e3 / (operations / rate));
    }

    /// <summary>Operations a second of one float32 product, the first one unmeasured: it brings in memory and threads.</summary>
    private static double MeasureProduct(int size)
    {
        using var noGraph = no_grad();
        using var left = ones(size, size);
        using var right = ones(size, size);
        left.mm(right).Dispose();
        var start = Stopwatch.GetTimestamp();
        left.mm(right).Dispose();
        return 2.0 * size * size * size / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}
