using System.Diagnostics;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Benchmarks.Runs;

/// <summary>
/// Computes nothing: a gradient is there after so many milliseconds, whatever its length, and uses no processor. It waits as a device does, on a thread that only
/// waits: the runtime's timers count in steps of up to 4 ms, more than what is to be measured.
/// </summary>
/// <param name="inner">Knows the layout and the first version.</param>
/// <param name="milliseconds">How long a gradient takes, the time to write it included.</param>
internal sealed class SleepingSource(IStepSource inner, int milliseconds) : IStepSource
{
    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => inner.DescribeAsync(cancellation);

    public Task InitialiseAsync(Memory<float> adapter, CancellationToken cancellation) => inner.InitialiseAsync(adapter, cancellation);

    public async Task<LeafResult> GradientAsync(GradientWork work, ReadOnlyMemory<float> adapter, Memory<float> gradient, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        gradient.Span.Fill(1e-3f * (1 + work.MicroBatch.Shard));
        void Wait()
        {
            // What it took to start this thread is part of the gradient's time.
            var rest = TimeSpan.FromMilliseconds(milliseconds) - Stopwatch.GetElapsedTime(started);
            if (rest > TimeSpan.Zero)
                cancellation.WaitHandle.WaitOne(rest);
        }
        await Task.Factory.StartNew(Wait, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        cancellation.ThrowIfCancellationRequested();
        return new LeafResult(work.MicroBatch.Labels, work.MicroBatch.Labels, work.MicroBatch.Tokens);
    }

    public Task<IReadOnlyList<RowEvaluation>> EvaluateAsync(EvaluationWork work, ReadOnlyMemory<float>? adapter, CancellationToken cancellation) =>
        inner.EvaluateAsync(work, adapter, cancellation);

    public Task ExportAsync(ReadOnlyMemory<float> adapter, string folder, CancellationToken cancellation) => inner.ExportAsync(adapter, folder, cancellation);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

/// <summary>Opens such sources.</summary>
internal sealed class SleepingDevice(int floats, int milliseconds) : IStepSourceFactory
{
    private readonly ArithmeticSourceFactory _inner = new("cpu:0", new ArithmeticShape { SliceLengths = [floats] });

    public string Device => _inner.Device;

    public string NumericClass => "asleep";

    public async Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation) =>
        new SleepingSource(await _inner.OpenAsync(request, cancellation), milliseconds);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
