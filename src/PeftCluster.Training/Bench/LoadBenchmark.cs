using System.Diagnostics;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;

namespace PeftCluster.Training.Bench;

/// <summary>What loading a base model takes here.</summary>
/// <param name="Ms">Milliseconds; of a file that nobody has read lately, mostly the disk's.</param>
/// <param name="WeightsMb">Bytes of the weights in their format in memory, in 10⁶.</param>
/// <param name="RuntimeMb">The most that the process had resident before: runtime and libtorch.</param>
/// <param name="PeakRssMb">The most that it had resident until the end of loading.</param>
/// <param name="MappedMb">Of the weights those that are used where they lie in their files.</param>
/// <param name="Ratio"><paramref name="PeakRssMb"/> ÷ <paramref name="WeightsMb"/>.</param>
/// <param name="LoadingRatio">The same without the runtime: (<paramref name="PeakRssMb"/> − <paramref name="RuntimeMb"/>) ÷ <paramref name="WeightsMb"/>.</param>
public sealed record LoadBenchmarkResult(double Ms, double WeightsMb, double RuntimeMb, double PeakRssMb, double MappedMb, double Ratio, double LoadingRatio);

/// <summary>Measures the loading of a model folder, as a worker loads it.</summary>
public static class LoadBenchmark
{
    /// <summary>Loads the weights once and lets them go.</summary>
    /// <exception cref="Jobs.BadInputException">The folder holds no model that is known here, or a damaged one.</exception>
    public static async Task<LoadBenchmarkResult> RunAsync(string folder, BaseDtype dtype, CancellationToken cancellation)
    {
        await using var device = new DeviceThread(new ComputeDevice(TorchSharp.DeviceType.CPU, 0), threads: 1);
        return await device.RunAsync(token =>
        {
            var before = Peak();
            var start = Stopwatch.GetTimestamp();
            using var weights = SharedWeights.Of(folder, dtype, token);
            var (ms, bytes, peak) = (Stopwatch.GetElapsedTime(start).TotalMilliseconds, weights.Store.Bytes / 1e6, Peak());
            return new LoadBenchmarkResult(ms, bytes, before, peak, weights.Store.MappedBytes / 1e6, peak / bytes, (peak - before) / bytes);
        }, cancellation);
    }

    private static double Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e6;
    }
}
