using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests;

/// <summary>Made-up arithmetic that waits before the gradients of one step until the gate is opened, and says when it has come there.</summary>
internal sealed class GatedFactory(string device, int step) : IStepSourceFactory
{
    private readonly ArithmeticSourceFactory _inner = new(device);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Device => device;

    public string NumericClass => _inner.NumericClass;

    /// <summary>Done when a gradient of the step was asked for.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Whether cancellation is noticed while it waits, as a source that polls would.</summary>
    public bool HearsCancellation { get; init; } = true;

    public void Open() => _open.TrySetResult();

    public async Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation) => new Gated(await _inner.OpenAsync(request, cancellation), this);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private sealed class Gated(IStepSource inner, GatedFactory gate) : IStepSource
    {
        public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => inner.DescribeAsync(cancellation);

        public Task InitialiseAsync(Memory<float> adapter, CancellationToken cancellation) => inner.InitialiseAsync(adapter, cancellation);

        public async Task<LeafResult> GradientAsync(GradientWork work, ReadOnlyMemory<float> adapter, Memory<float> gradient, CancellationToken cancellation)
        {
            if (work.Step == gate.Step)
            {
                gate._reached.TrySetResult();
                await (gate.HearsCancellation ? gate._open.Task.WaitAsync(cancellation) : gate._open.Task);
            }
            return await inner.GradientAsync(work, adapter, gradient, cancellation);
        }

        public Task<IReadOnlyList<RowEvaluation>> EvaluateAsync(EvaluationWork work, ReadOnlyMemory<float>? adapter, CancellationToken cancellation) =>
            inner.EvaluateAsync(work, adapter, cancellation);

        public Task ExportAsync(ReadOnlyMemory<float> adapter, string folder, CancellationToken cancellation) => inner.ExportAsync(adapter, folder, cancellation);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private int Step => step;
}
