using System.Runtime.InteropServices;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Simulation.Tests;

/// <summary>A device that breaks at some step: from then on every gradient has one wrong sign. It is finite, and its hash is that of the wrong vector.</summary>
/// <param name="device">The device's name.</param>
/// <param name="fromStep">The first step that it computes wrongly.</param>
internal sealed class LyingFactory(string device, int fromStep) : IStepSourceFactory
{
    private readonly ArithmeticSourceFactory _inner = new(device);

    public string Device => device;

    public string NumericClass => _inner.NumericClass;

    public async Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation) =>
        new Lying(await _inner.OpenAsync(request, cancellation), fromStep);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private sealed class Lying(IStepSource inner, int fromStep) : IStepSource
    {
        public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => inner.DescribeAsync(cancellation);

        public Task InitialiseAsync(Memory<float> adapter, CancellationToken cancellation) => inner.InitialiseAsync(adapter, cancellation);

        public async Task<LeafResult> GradientAsync(GradientWork work, ReadOnlyMemory<float> adapter, Memory<float> gradient, CancellationToken cancellation)
        {
            var result = await inner.GradientAsync(work, adapter, gradient, cancellation);
            if (work.Step >= fromStep)
                MemoryMarshal.Cast<float, int>(gradient.Span)[0] ^= int.MinValue;
            return result;
        }

        public Task<IReadOnlyList<RowEvaluation>> EvaluateAsync(EvaluationWork work, ReadOnlyMemory<float>? adapter, CancellationToken cancellation) =>
            inner.EvaluateAsync(work, adapter, cancellation);

        public Task ExportAsync(ReadOnlyMemory<float> adapter, string folder, CancellationToken cancellation) => inner.ExportAsync(adapter, folder, cancellation);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
