using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Faults;

/// <summary>A device whose sources pass the points of a worker's computing, and compute slowly or wrongly there.</summary>
public sealed class FaultyDevice(IStepSourceFactory inner, IFaultPoints faults, TimeProvider time) : IStepSourceFactory
{
    public string Device => inner.Device;

    public string NumericClass => inner.NumericClass;

    public async Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation) =>
        new Source(await inner.OpenAsync(request, cancellation), faults, time);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Source(IStepSource inner, IFaultPoints faults, TimeProvider time) : IStepSource
    {
        public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => inner.DescribeAsync(cancellation);

        public Task InitialiseAsync(Memory<float> adapter, CancellationToken cancellation) => inner.InitialiseAsync(adapter, cancellation);

        public async Task<LeafResult> GradientAsync(GradientWork work, ReadOnlyMemory<float> adapter, Memory<float> gradient, CancellationToken cancellation)
        {
            var started = time.GetTimestamp();
            var result = await inner.GradientAsync(work, adapter, gradient, cancellation);
            foreach (var fault in faults.Pass(FaultPoint.LeafComputed, work.Step))
            {
                await BeSlowAsync(fault, started, cancellation);
                if (fault.Action == FaultAction.Nan)
                    gradient.Span[0] = float.NaN;
                if (fault.Action == FaultAction.WrongGradient)
                    gradient.Span[0] += 1;
            }
            return result;
        }

        public async Task<IReadOnlyList<RowEvaluation>> EvaluateAsync(EvaluationWork work, ReadOnlyMemory<float>? adapter, CancellationToken cancellation)
        {
            var started = time.GetTimestamp();
            var rows = await inner.EvaluateAsync(work, adapter, cancellation);
            foreach (var fault in faults.Pass(FaultPoint.Evaluating, work.Rows.Count > 0 ? work.Rows[0] : 0))
                await BeSlowAsync(fault, started, cancellation);
            return rows;
        }

        public async Task ExportAsync(ReadOnlyMemory<float> adapter, string folder, CancellationToken cancellation)
        {
            var started = time.GetTimestamp();
            foreach (var fault in faults.Pass(FaultPoint.Exporting))
                await BeSlowAsync(fault, started, cancellation);
            await inner.ExportAsync(adapter, folder, cancellation);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private async Task BeSlowAsync(Fault fault, long started, CancellationToken cancellation)
        {
            var taken = time.GetElapsedTime(started);
            switch (fault.Action)
            {
                case FaultAction.Hold: await faults.HoldAsync(fault, cancellation); break;
                case FaultAction.Slow: await Task.Delay(taken * (fault.Amount - 1), time, cancellation); break;
                case FaultAction.Pace when taken.TotalMilliseconds < fault.Amount:
                    await Task.Delay(TimeSpan.FromMilliseconds(fault.Amount) - taken, time, cancellation);
                    break;
            }
        }
    }
}
