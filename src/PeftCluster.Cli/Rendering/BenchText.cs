using System.Globalization;
using PeftCluster.Training.Bench;

namespace PeftCluster.Cli.Rendering;

/// <summary>What a training step costs, as lines for people.</summary>
internal static class BenchText
{
    public static void Write(TextWriter output, StepBenchmarkResult result)
    {
        var culture = CultureInfo.InvariantCulture;
        output.WriteLine(string.Create(culture, $"step      {result.MedianMs:0} ms: forward {result.ForwardMs:0}, backward {result.BackwardMs:0}, optimizer {result.OptimizerMs:0.0}"));
        output.WriteLine(string.Create(culture, $"speed     {Figures.Count((long)result.TokensPerSecond)} tok/s"));
        output.WriteLine(string.Create(culture, $"memory    {result.PeakRssMb:0} MB at most; thought to be {result.EstimatedMb:0} MB, {result.RecomputedLayers} layers computed again"));
        output.WriteLine(string.Create(culture, $"matmul    {result.MatmulGflops:0} GFLOP/s, 2048³ float32, same threads, same run"));
        output.WriteLine(string.Create(culture, $"floor     {result.FloorRatio:0.00} × the time of the step's products at that rate"));
    }

    public static void Write(TextWriter output, RowsBenchmarkResult result)
    {
        var culture = CultureInfo.InvariantCulture;
        output.WriteLine("            rows/s   padding   micro-batches   shapes");
        foreach (var way in result.Ways)
            output.WriteLine(string.Create(culture, $"{way.Way,-8} {way.RowsPerSecond,9:0.00}   {way.Padding,7:0.0%}   {way.MicroBatches,13}   {way.Shapes,6}"));
        output.WriteLine(string.Create(culture, $"packed    {result.Speedup:0.00} × random; padded tokens are {result.PaddedByReal:0.00} × the real ones ({result.MeanTokens:0} a row); bound {result.Bound:0.00}, {(result.Holds ? "holds" : "does not hold")}"));
    }

    public static void Write(TextWriter output, LoadBenchmarkResult result) => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"load      {result.Ms:0} ms; {result.WeightsMb:0} MB of weights, {result.MappedMb:0} mapped; {result.PeakRssMb:0} MB at most = {result.Ratio:0.00} ×, {result.LoadingRatio:0.00} × without the {result.RuntimeMb:0} MB before"));
}
