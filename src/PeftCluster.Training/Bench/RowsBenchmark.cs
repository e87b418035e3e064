using System.Diagnostics;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Source;

namespace PeftCluster.Training.Bench;

/// <summary>
/// Measures how fast a model learns from rows of unlike lengths: in random batches, grouped by length, and packed. The three take turns, micro-batch by micro-batch, since machines are
/// shared and only ratios of one run hold.
/// </summary>
public static class RowsBenchmark
{
    private const long Seed = 42;

    /// <summary>Makes model and rows and measures on one device thread.</summary>
    public static async Task<RowsBenchmarkResult> RunAsync(RowsBenchmarkOptions options, CancellationToken cancellation)
    {
        await using var device = new DeviceThread(new ComputeDevice(TorchSharp.DeviceType.CPU, 0), options.Threads);
        return await device.RunAsync(token => Measure(options, token), cancellation);
    }

    private static RowsBenchmarkResult Measure(RowsBenchmarkOptions options, CancellationToken cancellation)
    {
        var rows = new LogNormalRows(options.Rows, options.Length, options.Config.VocabularySize, Seed);
        var plan = AdapterPlan.Of(options.Method, options.Config);
        using var weights = new RandomWeights(options.Config, (ulong)Seed, TorchSharp.torch.ScalarType.Float32);
        using var adapted = new AdaptedModel(options.Config, name => weights[name], plan);
        using var leaf = new MicroBatchGradient(adapted, rows);
        var adapter = new float[plan.Layout.Length];
        plan.Initialise(adapter, Seed, name => weights[name]);
        adapted.Vector.Load(adapter);

        Way[] ways = [new("random", options, rows, grouped: false), new("grouped", options, rows, grouped: true), new("packed", options, rows, grouped: false, options.Length)];
        foreach (var way in ways)
            _ = leaf.Compute(new GradientWork(0, way.Batches[0], 1), cancellation);
        // Each way keeps the same share of its work done, so that all three see the same machine.
        while (ways.Any(way => way.IsLeft))
        {
            var next = ways.Where(way => way.IsLeft).MinBy(way => way.Done)!;
            next.Measure(batch => _ = leaf.Compute(new GradientWork(0, batch, 1), cancellation));
        }
        return Result(ways, rows);
    }

    private static RowsBenchmarkResult Result(Way[] ways, LogNormalRows rows)
    {
        var tokens = Enumerable.Range(0, rows.Count).Sum(row => (long)rows.Length(row));
        RowsBenchmarkRow[] all = [.. ways.Select(way => way.Row(rows.Count, tokens))];
        var (speedup, ratio) = (all[2].RowsPerSecond / all[0].RowsPerSecond, 1 / (1 - all[0].Padding));
        return new RowsBenchmarkResult(all, (double)tokens / rows.Count, speedup, ratio, 0.9 * ratio, speedup >= 0.9 * ratio);
    }

    /// <summary>One way to put rows together: its micro-batches, and the time that those took which are done.</summary>
    private sealed class Way
    {
        private readonly string _name;
        private int _next;
        private TimeSpan _time;

        public Way(string name, RowsBenchmarkOptions options, LogNormalRows rows, bool grouped, int? packedLength = null)
        {
            _name = name;
            var training = new TrainingSpec { MicroBatches = 1, MicroBatchSize = packedLength is null ? options.Batch : options.Packed, GroupByLength = grouped, Seed = Seed };
            var planner = new StepPlanner(training, rows, packedLength);
            Batches = [.. Enumerable.Range(0, planner.StepsPerEpoch).Select(step => planner.For(step).MicroBatches[0])];
        }

        public MicroBatch[] Batches { get; }

        public bool IsLeft => _next < Batches.Length;

        public double Done => (double)_next / Batches.Length;

        public void Measure(Action<MicroBatch> compute)
        {
            var start = Stopwatch.GetTimestamp();
            compute(Batches[_next++]);
            _time += Stopwatch.GetElapsedTime(start);
        }

        public RowsBenchmarkRow Row(int rows, long tokens)
        {
            var padded = Batches.Sum(batch => (long)batch.PaddedRows * batch.PaddedLength);
            var shapes = Batches.Select(batch => (batch.PaddedRows, batch.PaddedLength)).Distinct().Count();
            return new RowsBenchmarkRow(_name, Batches.Length, shapes, 1 - (double)tokens / padded, _time.TotalSeconds, rows / _time.TotalSeconds);
        }
    }
}
