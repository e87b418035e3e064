using System.Diagnostics;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Schedules;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Source;
using static TorchSharp.torch;

namespace PeftCluster.Training.Bench;

/// <summary>Milliseconds of one step and its parts.</summary>
internal readonly record struct StepTimes(double Whole, double Forward, double Backward, double Optimizer);

/// <summary>The step that is measured: worker's half (<see cref="MicroBatchGradient"/>) and coordinator's half (<see cref="AdapterState"/>), as training makes them.</summary>
internal sealed class BenchmarkStep : IDisposable
{
    private const long Seed = 42;

    private readonly RandomWeights _weights;
    private readonly AdaptedModel _adapted;
    private readonly MicroBatchGradient _leaf;
    private readonly AdapterState _state;
    private readonly LearningRateSchedule _schedule;
    private readonly float[] _gradient;

    /// <summary>Makes model, adapter and rows. Call it on the device's thread.</summary>
    /// <exception cref="PeftCluster.Jobs.BadInputException">The model has not what the method asks for.</exception>
    public BenchmarkStep(StepBenchmarkOptions options)
    {
        var plan = AdapterPlan.Of(options.Method, options.Config);
        var format = Formats.InMemory(options.BaseDtype, ScalarType.Float32);
        _weights = new RandomWeights(options.Config, (ulong)Seed, format);
        _adapted = new AdaptedModel(options.Config, name => _weights[name], plan);
        var rows = new RandomRows(options.Batch, options.Length, options.Config, Seed);
        var memory = new StepMemory(options.Config, plan, BaseFormat.Of(options.Config, format));
        var recomputed = RecomputedLayers.Of(options.GradientCheckpointing, options.Memory, memory, options.Config, plan.PlacesBefore, (rows, options.Batch, null));
        _leaf = new MicroBatchGradient(_adapted, rows, recomputed: recomputed.In);
        Batch = new MicroBatch(0, [.. Enumerable.Range(0, options.Batch)], PaddedLength.Of(rows.Length(0)), options.Batch * rows.Labels(0), options.Batch * rows.Length(0));
        Recomputed = recomputed.In(Batch);
        Estimated = memory.Of(MicroBatchShape.Of(options.Config, plan.PlacesBefore, rows, Batch), Recomputed);
        var adapter = new float[plan.Layout.Length];
        plan.Initialise(adapter, Seed, name => _weights[name]);
        var training = new TrainingSpec();
        _state = new AdapterState(plan.Layout, training, 0, adapter);
        _schedule = new LearningRateSchedule(training, training.WarmupSteps + 1000);
        _gradient = new float[plan.Layout.Length];
    }

    public MicroBatch Batch { get; }

    /// <summary>Layers that are computed again.</summary>
    public int Recomputed { get; }

    /// <summary>Bytes that a step is thought to take.</summary>
    public long Estimated { get; }

    /// <summary>Makes the next step.</summary>
    public async Task<StepTimes> MeasureAsync(DeviceThread device, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var (forward, backward) = await device.RunAsync(MeasureLeaf, cancellation);
        // The device gives freed memory back after each piece of work; an empty piece waits for that.
        await device.RunAsync(_ => { }, cancellation);
        var leaf = Stopwatch.GetTimestamp();
        _state.Advance(_schedule, _gradient);
        return new StepTimes(Since(start), forward, backward, Since(leaf));
    }

    public void Dispose()
    {
        _leaf.Dispose();
        _adapted.Dispose();
        _weights.Dispose();
    }

    private (double Forward, double Backward) MeasureLeaf(CancellationToken cancellation)
    {
        _adapted.Vector.Load(_state.Adapter.Span);
        var start = Stopwatch.GetTimestamp();
        var pass = _leaf.Forward(new GradientWork(_state.Version, Batch, Batch.Labels), cancellation);
        var forward = Since(start);
        pass.Backward();
        var backward = Since(start) - forward;
        _adapted.Vector.CopyGradient(_gradient);
        return (forward, backward);
    }

    private static double Since(long timestamp) => Stopwatch.GetElapsedTime(timestamp).TotalMilliseconds;
}
