using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Node;

/// <summary>A device under the name that it has in the cluster: <c>10.0.0.7:4700/cpu:0</c>. Every node has a cpu:0.</summary>
internal sealed class NamedDevice(IStepSourceFactory inner, string node) : IStepSourceFactory
{
    public string Device { get; } = $"{node}/{inner.Device}";

    public string NumericClass => inner.NumericClass;

    public Task<IStepSource> OpenAsync(SourceRequest request, CancellationToken cancellation) => inner.OpenAsync(request, cancellation);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
