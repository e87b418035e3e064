using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Faults;

/// <summary>Ways to coordinators on which a worker's vectors pass their points, and are lost, doubled, late, or of the wrong length there.</summary>
public sealed class FaultyLinks(ICoordinatorLinks inner, IFaultPoints faults, TimeProvider time) : ICoordinatorLinks
{
    public ICoordinatorLink To(string endpoint) => new Link(inner.To(endpoint), faults, time);

    private sealed class Link(ICoordinatorLink inner, IFaultPoints faults, TimeProvider time) : ICoordinatorLink, IWorkerVectors
    {
        public IWorkerVectors Vectors => this;

        public IContentStore Content => inner.Content;

        public async Task<bool> FetchAsync(string job, int attempt, int version, string layoutHash, Memory<float> into, CancellationToken cancellation)
        {
            var planted = faults.Pass(FaultPoint.Fetch, version);
            foreach (var fault in planted)
                await BeLateAsync(fault, cancellation);
            if (planted.Any(fault => fault.Action == FaultAction.Duplicate))
                await inner.Vectors.FetchAsync(job, attempt, version, layoutHash, into, cancellation);
            return planted.All(fault => fault.Action != FaultAction.Drop)
                && await inner.Vectors.FetchAsync(job, attempt, version, layoutHash, into, cancellation);
        }

        public async Task HandOverAsync(VectorAddress address, string layoutHash, ReadOnlyMemory<float> vector, UInt128? leafHash, CancellationToken cancellation)
        {
            var planted = faults.Pass(FaultPoint.BeforeSend, address.Step);
            foreach (var fault in planted)
                await BeLateAsync(fault, cancellation);
            if (planted.Any(fault => fault.Action == FaultAction.WrongLength))
                (vector, leafHash) = (vector[..^1], null);
            if (planted.Any(fault => fault.Action == FaultAction.Duplicate))
                await inner.Vectors.HandOverAsync(address, layoutHash, vector, leafHash, cancellation);
            if (planted.All(fault => fault.Action != FaultAction.Drop))
                await inner.Vectors.HandOverAsync(address, layoutHash, vector, leafHash, cancellation);
            foreach (var fault in faults.Pass(FaultPoint.AfterSend, address.Step))
                await BeLateAsync(fault, cancellation);
        }

        private Task BeLateAsync(Fault fault, CancellationToken cancellation) => fault.Action switch
        {
            FaultAction.Hold => faults.HoldAsync(fault, cancellation),
            FaultAction.Delay => Task.Delay(TimeSpan.FromMilliseconds(faults.Draw((int)fault.Amount + 1)), time, cancellation),
            _ => Task.CompletedTask,
        };
    }
}
